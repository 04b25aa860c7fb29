namespace Lapidary.Tests.Common;

/// <summary>The fixtures that are copied beside the tests.</summary>
public static class Fixtures
{
    /// <summary>The path of a fixture.</summary>
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);
}
