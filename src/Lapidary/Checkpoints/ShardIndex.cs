using System.Text.Json;

namespace Lapidary.Checkpoints;

/// <summary>The <c>model.safetensors.index.json</c> of a checkpoint that is cut into several files.</summary>
internal sealed class ShardIndex
{
    /// <summary>The name of the index file.</summary>
    public const string FileName = "model.safetensors.index.json";

    private const long SizeLimit = 100_000_000;
    private const int ShardLimit = 4096;

    private ShardIndex(Dictionary<string, string> fileOfTensor, List<string> files)
    {
        FileOfTensor = fileOfTensor;
        Files = files;
    }

    /// <summary>The file name that the index gives for each stored name.</summary>
    public IReadOnlyDictionary<string, string> FileOfTensor { get; }

    /// <summary>The distinct file names, sorted.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Reads the index at <paramref name="path"/>.</summary>
    public static ShardIndex Read(string path) => Parse(InputFile.Read(path, SizeLimit), path);

    /// <summary>Parses an index. File names are checked to stay inside the folder; whether the files exist is not looked at.</summary>
    /// <exception cref="CheckpointException">The index is not valid.</exception>
    public static ShardIndex Parse(ReadOnlyMemory<byte> content, string path)
    {
        JsonElement root = JsonFile.ParseObject(content, path);
        if (!root.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new CheckpointException(path, "has no object weight_map");
        }

        var fileOfTensor = new Dictionary<string, string>(StringComparer.Ordinal);
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String)
            {
                throw new CheckpointException(path, $"gives {JsonFile.Describe(entry.Value)} for {entry.Name} where a file name was expected");
            }

            string file = entry.Value.GetString()!;
            CheckFileName(file, entry.Name, path);
            fileOfTensor.Add(entry.Name, file);
            files.Add(file);
        }

        if (files.Count is 0 or > ShardLimit)
        {
            throw new CheckpointException(path, $"names {files.Count} files where 1 to {ShardLimit} were expected");
        }

        return new ShardIndex(fileOfTensor, [.. files]);
    }

    // A checkpoint from the network must not make us open files elsewhere, and a shard can only be a safetensors file: an index that names
    // itself, another index or a device ends here.
    private static void CheckFileName(string file, string tensor, string path)
    {
        bool inside = file.Length is > 0 and <= 255
            && !Path.IsPathRooted(file)
            && file.AsSpan().IndexOfAny("\\:\0") < 0
            && !file.Split('/').Any(part => part is "" or "." or "..");
        if (!inside)
        {
            throw new CheckpointException(path, $"gives the file \"{file}\" for {tensor}, which does not lie inside the folder");
        }

        if (!file.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            throw new CheckpointException(path, $"gives the file \"{file}\" for {tensor} where a .safetensors file was expected");
        }
    }
}
