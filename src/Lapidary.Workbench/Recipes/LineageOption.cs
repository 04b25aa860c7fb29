namespace Lapidary.Workbench.Recipes;

/// <summary>An option that was given and may change the result.</summary>
/// <param name="Name">Its long name without dashes, or the name of the argument in small letters.</param>
/// <param name="Values">Its values as they were given; none for an option that is there or not.</param>
public sealed record LineageOption(string Name, IReadOnlyList<string> Values);
