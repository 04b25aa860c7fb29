using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lapidary.Checkpoints;

/// <summary>
/// Writes a set of files into a folder so that the folder never holds half of one: everything goes to temporary names in the same folder,
/// is flushed to the disk, and gets its name in <see cref="Commit"/>. Without a commit the temporary files are removed and what was
/// there before stays.
/// </summary>
public sealed class OutputFolder : IDisposable
{
    private readonly List<(string Temporary, string Final)> staged = [];
    private readonly string? created;
    private bool committed;

    /// <summary>Prepares a folder, and makes it if it does not exist.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="overwrite">Whether files may be added to a folder that is not empty, and replaced.</param>
    /// <exception cref="CheckpointException">The folder is not empty, is a file, or cannot be made.</exception>
    public OutputFolder(string path, bool overwrite)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        if (File.Exists(path))
        {
            throw new CheckpointException(path, "is a file where a folder to write to was expected");
        }

        created = Guard(path, () =>
        {
            if (!Directory.Exists(path))
            {
                string outermost = FirstMissing(path);
                Directory.CreateDirectory(path);
                return outermost;
            }

            if (!overwrite && Directory.EnumerateFileSystemEntries(path).Any())
            {
                throw new CheckpointException(path, "is not empty; files in it are not overwritten unless that is asked for");
            }

            return null;
        });
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Reserves a name: gives the temporary path to write to.</summary>
    /// <param name="fileName">The name that the file gets in <see cref="Commit"/>.</param>
    public string Stage(string fileName)
    {
        string final = System.IO.Path.Combine(Path, fileName);
        string temporary = TemporaryFor(final);
        staged.Add((temporary, final));
        return temporary;
    }

    /// <summary>Writes a small file.</summary>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public void Write(string fileName, ReadOnlySpan<byte> content)
    {
        using FileStream stream = Create(Stage(fileName));
        try
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        catch (IOException thrown)
        {
            throw CannotWrite(System.IO.Path.Combine(Path, fileName), thrown);
        }
    }

    /// <summary>Writes an object, indented as Hugging Face's libraries do.</summary>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public void Write(string fileName, JsonObject content)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            content.WriteTo(writer);
        }

        buffer.WriteByte((byte)'\n');
        Write(fileName, buffer.ToArray());
    }

    /// <summary>Copies a file under its own name.</summary>
    /// <exception cref="CheckpointException">The file cannot be read, or the copy cannot be written.</exception>
    public void Copy(string source)
    {
        string fileName = System.IO.Path.GetFileName(source);
        Guard(source, () =>
        {
            using var from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            using FileStream to = Create(Stage(fileName));
            from.CopyTo(to, 1 << 20);
            to.Flush(flushToDisk: true);
            return true;
        });
    }

    /// <summary>Gives every file its name. Files of other weights that a reader would prefer or mix up are removed.</summary>
    /// <exception cref="CheckpointException">A file cannot be renamed.</exception>
    public void Commit() => Guard(Path, () =>
    {
        foreach ((string temporary, string final) in staged)
        {
            File.Move(temporary, final, overwrite: true);
        }

        committed = true;
        RemoveStaleWeights();
        return true;
    });

    /// <summary>Removes what was not committed.</summary>
    public void Dispose()
    {
        if (committed)
        {
            return;
        }

        foreach ((string temporary, _) in staged)
        {
            Discard(temporary);
        }

        staged.Clear();
        RemoveIfEmpty();
    }

    /// <summary>A temporary name in the folder of <paramref name="final"/>.</summary>
    internal static string TemporaryFor(string final)
    {
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(final))!;
        return System.IO.Path.Combine(folder, $".{System.IO.Path.GetFileName(final)}.{Guid.NewGuid():N}.tmp");
    }

    /// <summary>Opens a temporary file for writing.</summary>
    internal static FileStream Create(string path) => Guard(
        path, () => new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16));

    /// <summary>Removes a temporary file if it is there; a failure to do so must not hide why it is removed.</summary>
    internal static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            // The name says that it is temporary; nothing reads it.
        }
    }

    /// <summary>The error for a file that cannot be written: a place where it may not be, or a device that fails, such as a full disk.</summary>
    internal static CheckpointException CannotWrite(string path, Exception thrown)
    {
        string reason = thrown is ArgumentOutOfRangeException ? "The file is too large for the file system" : thrown.Message.TrimEnd('.');
        string fact = $"cannot be written: {reason}";
        return thrown is ArgumentOutOfRangeException or IOException and not (DirectoryNotFoundException or PathTooLongException)
            ? new CheckpointWriteException(path, fact, thrown)
            : new CheckpointException(path, fact, thrown);
    }

    private static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw CannotWrite(path, thrown);
        }
    }

    private static string FirstMissing(string path)
    {
        string missing = System.IO.Path.GetFullPath(path);
        while (System.IO.Path.GetDirectoryName(missing) is string parent && !Directory.Exists(parent))
        {
            missing = parent;
        }

        return missing;
    }

    // A single file beside the shards of an earlier run, or shards beside an index that does not name them, would be read as this model.
    private void RemoveStaleWeights()
    {
        var written = staged.Select(file => System.IO.Path.GetFileName(file.Final)).ToHashSet(StringComparer.Ordinal);
        if (!written.Contains(ShardNames.Single) && !written.Contains(ShardIndex.FileName))
        {
            return;
        }

        foreach (string file in Directory.EnumerateFiles(Path).ToList())
        {
            string name = System.IO.Path.GetFileName(file);
            if (!written.Contains(name) && ShardNames.IsWeightFile(name))
            {
                File.Delete(file);
            }
        }
    }

    private void RemoveIfEmpty()
    {
        if (created is null)
        {
            return;
        }

        try
        {
            for (string? folder = System.IO.Path.GetFullPath(Path);
                folder is not null && folder.Length >= created.Length && !Directory.EnumerateFileSystemEntries(folder).Any();
                folder = System.IO.Path.GetDirectoryName(folder))
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            // An empty folder that stays does no harm.
        }
    }
}
