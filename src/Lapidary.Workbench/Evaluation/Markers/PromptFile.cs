using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Text.Data.Documents;

namespace Lapidary.Workbench.Evaluation.Markers;

/// <summary>
/// Reads prompts: a prompt in each line of a <c>.txt</c> file, or the rows of JSON lines, JSON, CSV or Parquet with a column
/// <c>messages</c>, <c>prompt</c> or <c>text</c>, of which the first one that a row has counts.
/// </summary>
public static class PromptFile
{
    private const string LineColumn = "prompt";
    private const int MostBytes = 64 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The prompts as documents, each with one of the columns; blank lines of text are passed over.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="CheckpointException">The file cannot be read, has no prompt, or a row of it is none.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was triggered.</exception>
    public static IReadOnlyList<JsonObject> Read(string path, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isText = path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase);
        if (!isText && !DocumentReader.CanRead(path))
        {
            throw new CheckpointException(path, "has a name where one that ends in .txt, .jsonl, .json, .csv or .parquet was expected");
        }

        IReadOnlyList<JsonObject> documents = isText ? Lines(path) : DocumentReader.Read(path, cancellation);
        for (int i = 0; i < documents.Count; i++)
        {
            try
            {
                PromptConversation.Of(documents[i]);
            }
            catch (FormatException thrown)
            {
                throw new CheckpointException(path, $"row {i + 1} {thrown.Message}", thrown);
            }
        }

        return documents;
    }

    /// <summary>The text of a small file in UTF-8, without a byte-order mark.</summary>
    /// <exception cref="CheckpointException">It cannot be read, is no UTF-8 or larger than a number of bytes.</exception>
    internal static string ReadText(string path, int mostBytes)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using var bytes = new MemoryStream();
            byte[] buffer = new byte[1 << 16];

            // A device has no length to ask for, so what comes is counted.
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                bytes.Write(buffer, 0, read);
                if (bytes.Length > mostBytes)
                {
                    throw new CheckpointException(path, $"has more than the {mostBytes} bytes that were expected at most");
                }
            }

            return Strict.GetString(bytes.GetBuffer(), 0, (int)bytes.Length).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException thrown)
        {
            throw new CheckpointException(path, "holds bytes that are no text in UTF-8", thrown);
        }
        catch (Exception thrown) when (thrown is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, "does not exist", thrown);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    private static List<JsonObject> Lines(string path)
    {
        var prompts = new List<JsonObject>();
        foreach (ReadOnlySpan<char> line in ReadText(path, MostBytes).AsSpan().EnumerateLines())
        {
            if (!line.IsWhiteSpace())
            {
                prompts.Add(new JsonObject { [LineColumn] = line.ToString() });
            }
        }

        return prompts.Count is > 0 and <= DocumentReader.MostDocuments ? prompts
            : throw new CheckpointException(path, $"has {prompts.Count} lines with a prompt where 1 to {DocumentReader.MostDocuments} were expected");
    }
}
