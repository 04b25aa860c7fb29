using System.Text.Json;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Hub;

/// <summary>What is in a repository at a revision.</summary>
/// <param name="Commit">The commit that the revision stands for.</param>
/// <param name="Files">All files, in the order of the hub.</param>
internal sealed record HubListing(string Commit, IReadOnlyList<HubFile> Files)
{
    /// <summary>The most bytes of JSON that are read of a listing.</summary>
    public const int MostBytes = 1 << 26;

    private const int MostFiles = 1 << 18;

    // Far above any file; sums of sizes stay below the largest number.
    private const long MostFileBytes = 1L << 44;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 128 };

    /// <summary>Reads the answer of the hub.</summary>
    /// <param name="json">The answer.</param>
    /// <param name="subject">What errors call the repository.</param>
    /// <exception cref="HubException">The answer is not a listing, or names something outside of the repository.</exception>
    public static HubListing Parse(ReadOnlyMemory<byte> json, string subject)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Options);
            JsonElement root = document.RootElement;
            string commit = Text(root, "sha") is { } sha && HubPath.IsCommit(sha) ? sha : throw Wrong(subject, "no commit");
            if (!Field(root, "siblings", JsonValueKind.Array, out JsonElement siblings))
            {
                throw Wrong(subject, "no files");
            }

            if (siblings.GetArrayLength() > MostFiles)
            {
                throw Wrong(subject, $"more than {MostFiles} files");
            }

            var paths = new HashSet<string>(StringComparer.Ordinal);
            List<HubFile> files = [.. siblings.EnumerateArray().Select(item => Read(item, subject))];
            return files.FirstOrDefault(file => !paths.Add(file.Path)) is { } twice
                ? throw Wrong(subject, $"the file {ForeignText.Show(twice.Path)} twice")
                : new HubListing(commit, files);
        }
        catch (JsonException thrown)
        {
            throw new HubException($"{subject}: the hub's answer is not valid JSON where a list of files was expected", HubFault.WrongContent, thrown);
        }
        catch (InvalidOperationException thrown)
        {
            throw new HubException($"{subject}: the hub's answer holds text that is not valid Unicode", HubFault.WrongContent, thrown);
        }
    }

    private static HubFile Read(JsonElement item, string subject)
    {
        string path = Text(item, "rfilename") ?? throw Wrong(subject, "a file without a name");
        if (!HubPath.IsInside(path))
        {
            throw Wrong(subject, $"a file \"{ForeignText.Show(path)}\", which is no path inside of a repository");
        }

        // A large file is listed with its own hash and size; blobId is that of the pointer to it.
        bool isLarge = Field(item, "lfs", JsonValueKind.Object, out JsonElement large);
        string? hash = isLarge ? Text(large, "sha256") : Text(item, "blobId");
        if (hash is null || hash.Length != (isLarge ? 64 : 40) || !hash.All(char.IsAsciiHexDigitLower))
        {
            throw Wrong(subject, $"the file {ForeignText.Show(path)} without its hash");
        }

        return Field(isLarge ? large : item, "size", JsonValueKind.Number, out JsonElement number) && number.TryGetInt64(out long size) && size is >= 0 and <= MostFileBytes
            ? new HubFile(path, size, hash)
            : throw Wrong(subject, $"the file {ForeignText.Show(path)} without its size");
    }

    private static string? Text(JsonElement item, string name) => Field(item, name, JsonValueKind.String, out JsonElement value) ? value.GetString() : null;

    private static bool Field(JsonElement item, string name, JsonValueKind kind, out JsonElement value)
    {
        value = default;
        return item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out value) && value.ValueKind == kind;
    }

    private static HubException Wrong(string subject, string found) => new($"{subject}: the hub lists {found}", HubFault.WrongContent);
}
