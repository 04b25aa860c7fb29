using System.Text;

namespace Lapidary.Cli.CommandLine;

/// <summary>Reads a text that a user names: all of it, in UTF-8, up to a size that no such text has.</summary>
internal static class TextFile
{
    private const int Longest = 64 << 20;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a file, without a byte-order mark.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it should be, as the error says it: "a file with a prompt".</param>
    /// <exception cref="RequestException">There is no such file, it may not be read, is above 64 MiB or no UTF-8.</exception>
    public static string Read(string path, string expected)
    {
        if (!File.Exists(path))
        {
            throw RequestException.Expected(path, expected, Directory.Exists(path) ? "a folder" : "no such file");
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            return Read(stream, path, expected);
        }
        catch (UnauthorizedAccessException)
        {
            throw RequestException.Expected(path, "a file that can be read", "one that may not");
        }
    }

    /// <summary>The text of stdin.</summary>
    /// <param name="expected">What it should be, as the error says it.</param>
    /// <exception cref="RequestException">It is above 64 MiB or no UTF-8.</exception>
    public static string ReadInput(string expected)
    {
        using Stream stream = Console.OpenStandardInput();
        return Read(stream, "stdin", expected);
    }

    // A device or a pipe has no length to ask for, so what comes is counted.
    private static string Read(Stream stream, string name, string expected)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > Longest)
            {
                throw RequestException.Expected(name, expected, "more than 64 MiB");
            }
        }

        try
        {
            return Strict.GetString(bytes.GetBuffer(), 0, (int)bytes.Length).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            throw RequestException.Expected(name, "text in UTF-8", "bytes that are none");
        }
    }
}
