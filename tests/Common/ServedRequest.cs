namespace Lapidary.Tests.Common;

/// <summary>A request as a server got it.</summary>
/// <param name="Target">Path and query, as they came.</param>
/// <param name="Headers">Headers by their names in lower case.</param>
public sealed record ServedRequest(string Target, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>A header; null where it is not there.</summary>
    public string? this[string name] => Headers.GetValueOrDefault(name);
}
