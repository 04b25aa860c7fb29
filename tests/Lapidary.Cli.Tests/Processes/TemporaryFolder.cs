namespace Lapidary.Cli.Tests.Processes;

/// <summary>An empty folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>Path of the folder.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("lapidary-").FullName;

    /// <summary>Path of a file or folder in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
