namespace Lapidary.Hub;

/// <summary>A file of a snapshot: a link to its content among the blobs, or where links are not to be had the content itself.</summary>
internal static class SnapshotFile
{
    /// <summary>Whether it is there with its content.</summary>
    public static bool IsComplete(string path, string blob, HubFile file)
    {
        var entry = new FileInfo(path);
        return entry.LinkTarget is { } target
            ? Path.GetFullPath(target, Path.GetDirectoryName(Path.GetFullPath(path))!) == Path.GetFullPath(blob) && HasSize(blob, file.Size)
            : entry.Exists && entry.Length == file.Size;
    }

    /// <summary>Whether a file, which is no link, is there in its size.</summary>
    public static bool HasSize(string path, long size) => new FileInfo(path) is { Exists: true } file && file.Length == size;

    /// <summary>Puts it there in the place of whatever is.</summary>
    /// <param name="path">The file of the snapshot.</param>
    /// <param name="blob">Its content.</param>
    public static void Create(string path, string blob)
    {
        string folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            LinkOrCopy(temporary, blob, Path.GetRelativePath(folder, blob));
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            Checkpoints.OutputFolder.Discard(temporary);
        }
    }

    // Windows gives links to those who may make them, and some file systems to nobody.
    private static void LinkOrCopy(string path, string blob, string target)
    {
        try
        {
            File.CreateSymbolicLink(path, target);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            File.Copy(blob, path);
        }
    }
}
