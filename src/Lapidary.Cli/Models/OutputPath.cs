using Lapidary.Cli.CommandLine;

namespace Lapidary.Cli.Models;

/// <summary>Checks where a command may write, before it works for minutes.</summary>
internal static class OutputPath
{
    /// <summary>Throws unless a file can stand at this path and the path is none of the inputs.</summary>
    public static void CheckFile(string path, params IEnumerable<string> inputs)
    {
        if (Directory.Exists(path))
        {
            throw RequestException.Expected(path, "a file to write", "a folder");
        }

        CheckParent(path);
        CheckInputs(path, inputs);
    }

    /// <summary>Throws unless a folder can stand at this path, has no files that must not be overwritten, and is none of the inputs.</summary>
    public static void CheckFolder(string path, bool overwrite, params IEnumerable<string> inputs)
    {
        if (File.Exists(path))
        {
            throw RequestException.Expected(path, "a folder to write", "a file");
        }

        CheckInputs(path, inputs);
        if (!overwrite && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw RequestException.Expected(path, "an empty folder or none (or --overwrite)", "a folder with files in it");
        }
    }

    private static void CheckParent(string path)
    {
        string? parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (parent is not null && !Directory.Exists(parent))
        {
            throw RequestException.Expected(path, $"the folder {parent} to exist", "no such folder");
        }
    }

    private static void CheckInputs(string path, IEnumerable<string> inputs)
    {
        string target = Real(path);
        if (inputs.Any(input => Real(input) == target))
        {
            throw RequestException.Expected(path, "an output other than the input", "the input itself");
        }
    }

    // The same file through a symbolic link is still the same file.
    private static string Real(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        FileSystemInfo entry = Directory.Exists(full) ? new DirectoryInfo(full) : new FileInfo(full);
        return entry.Exists && entry.ResolveLinkTarget(returnFinalTarget: true) is { } target
            ? Path.TrimEndingDirectorySeparator(target.FullName)
            : full;
    }
}
