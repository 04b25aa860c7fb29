using System.Security;
using Lapidary.Numerics.Memory;

namespace Lapidary.Checkpoints;

/// <summary>Opens files so that everything that can go wrong becomes one sentence.</summary>
internal static class InputFile
{
    /// <summary>Maps a file into memory.</summary>
    public static MappedFile Map(string path) => Guard(path, () => new MappedFile(path));

    /// <summary>Opens a file to read it from its beginning to its end.</summary>
    public static FileStream OpenRead(string path) => Guard(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1));

    /// <summary>Reads a whole file of at most <paramref name="limit"/> bytes.</summary>
    public static byte[] Read(string path, long limit) => Guard(path, () =>
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        if (stream.Length > limit)
        {
            throw new CheckpointException(path, $"has {stream.Length} bytes where at most {limit} were expected");
        }

        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    });

    private static T Guard<T>(string path, Func<T> open)
    {
        if (Directory.Exists(path))
        {
            throw new CheckpointException(path, "is a folder where a file was expected");
        }

        try
        {
            return open();
        }
        catch (Exception thrown) when (thrown is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, "does not exist", thrown);
        }
        catch (Exception thrown) when (thrown is UnauthorizedAccessException or SecurityException)
        {
            throw new CheckpointException(path, "may not be read: permission denied", thrown);
        }
        catch (Exception thrown) when (thrown is IOException or NotSupportedException or ArgumentException)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }
}
