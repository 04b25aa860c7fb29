using System.Reflection;

namespace Lapidary.Cli.Tests.Processes;

/// <summary>The checkout that this assembly was built from.</summary>
internal static class Repository
{
    /// <summary>Root folder of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath(typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!);
}
