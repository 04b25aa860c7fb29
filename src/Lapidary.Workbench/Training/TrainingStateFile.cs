using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Training;

/// <summary>
/// <c>trainer_state.json</c>: the state, and the length and SHA-256 of every other file of the checkpoint. The file is written last and
/// carries its own SHA-256, taken with zeros in that place, so that no byte of a checkpoint can change unseen.
/// </summary>
internal sealed record TrainingStateFile(TrainingState State, bool IsBest, IReadOnlyList<StoredFile> Files)
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "trainer_state.json";

    private const string Format = "lapidary.trainer_state";
    private const int Version = 1;
    private const int HashDigits = 64;
    private const int FileLimit = 1024;
    private const long SizeLimit = 16 << 20;

    /// <summary>Everything as UTF-8.</summary>
    public byte[] ToBytes()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            ToJson().WriteTo(writer);
        }

        buffer.WriteByte((byte)'\n');
        byte[] content = buffer.ToArray();
        System.Text.Encoding.ASCII.GetBytes(HashWithout(content), content.AsSpan(PlaceOfHash(content), HashDigits));
        return content;
    }

    /// <summary>Reads the file of a checkpoint.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="CheckpointException">It is missing, damaged, or of another version.</exception>
    public static TrainingStateFile Read(string path)
    {
        byte[] content;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                throw new CheckpointException(path, "does not exist");
            }

            if (file.Length > SizeLimit)
            {
                throw new CheckpointException(path, $"has {file.Length} bytes where at most {SizeLimit} were expected");
            }

            content = File.ReadAllBytes(path);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }

        return Parse(content, path);
    }

    /// <summary>Parses the content of a file.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="path">Named in errors.</param>
    /// <exception cref="CheckpointException">It is damaged or of another version.</exception>
    public static TrainingStateFile Parse(byte[] content, string path)
    {
        var fields = StateFields.Parse(content, path);
        string format = fields.Text("format");
        if (format != Format)
        {
            throw new CheckpointException(path, $"has the format \"{format}\" where \"{Format}\" was expected");
        }

        // Looked at before the hash: another version may hash otherwise.
        long version = fields.Whole("version");
        if (version != Version)
        {
            throw new CheckpointException(path, $"has version {version} where {Version} was expected");
        }

        string expected = fields.Text("sha256");
        string found = HashWithout(content);
        if (found != expected)
        {
            throw new CheckpointException(path, $"is damaged: its SHA-256 is {found} where {expected} was expected");
        }

        return new TrainingStateFile(StateFrom(fields), fields.Flag("is_best"), FilesFrom(fields, path));
    }

    private static TrainingState StateFrom(StateFields fields) => new()
    {
        Step = fields.Whole("global_step"),
        Epoch = fields.Whole("epoch"),
        Tokens = fields.Whole("num_tokens"),
        Seconds = fields.Number("seconds") ?? 0,
        BestValidationLoss = fields.Number("best_metric") ?? double.PositiveInfinity,
        BestStep = fields.OptionalWhole("best_global_step"),
        Seed = fields.Unsigned("seed"),
        DataHash = fields.Text("data_hash"),
        BaseHash = fields.Text("base_hash"),
        ProgramVersion = fields.Text("program_version"),
        Options = fields.Object("options"),
        Extra = fields.Object("extra"),
    };

    private static List<StoredFile> FilesFrom(StateFields fields, string path)
    {
        var files = new List<StoredFile>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (StateFields entry in fields.Objects("files", FileLimit))
        {
            var file = new StoredFile(entry.Text("name"), entry.Whole("bytes"), entry.Text("sha256"));

            // A name from a file must not lead out of the folder.
            if (!CheckpointStore.IsFileName(file.Name) || !names.Add(file.Name))
            {
                throw new CheckpointException(path, "lists a file under a name that is not the name of a file, or twice");
            }

            files.Add(file);
        }

        return files;
    }

    private JsonObject ToJson() => new()
    {
        ["format"] = Format,
        ["version"] = Version,
        ["program_version"] = State.ProgramVersion,
        ["global_step"] = State.Step,
        ["epoch"] = State.Epoch,
        ["num_tokens"] = State.Tokens,
        ["seconds"] = State.Seconds,
        ["is_best"] = IsBest,
        ["best_metric"] = double.IsFinite(State.BestValidationLoss) ? State.BestValidationLoss : null,
        ["best_global_step"] = State.BestStep,
        ["seed"] = State.Seed,
        ["data_hash"] = State.DataHash,
        ["base_hash"] = State.BaseHash,
        ["options"] = State.Options.DeepClone(),
        ["extra"] = State.Extra.DeepClone(),
        ["files"] = new JsonArray([.. Files.Select(file => new JsonObject
        {
            ["name"] = file.Name,
            ["bytes"] = file.Bytes,
            ["sha256"] = file.Sha256,
        })]),
        ["sha256"] = new string('0', HashDigits),
    };

    // The last member: behind it come only the quotation mark, the brace and white space.
    private static int PlaceOfHash(ReadOnlySpan<byte> content) => content.LastIndexOf("\"sha256\": \""u8) is int at and >= 0
        ? at + "\"sha256\": \"".Length
        : -1;

    private static string HashWithout(byte[] content)
    {
        int place = PlaceOfHash(content);
        if (place < 0 || place + HashDigits > content.Length)
        {
            return "not there";
        }

        byte[] copy = [.. content];
        copy.AsSpan(place, HashDigits).Fill((byte)'0');
        return Convert.ToHexStringLower(SHA256.HashData(copy));
    }
}
