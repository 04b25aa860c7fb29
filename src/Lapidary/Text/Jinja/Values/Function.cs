namespace Lapidary.Text.Jinja.Values;

/// <summary>Something that a template can call.</summary>
/// <param name="Name">What errors call it.</param>
/// <param name="Body">What it does.</param>
internal sealed record Function(string Name, Func<Arguments, Value> Body);
