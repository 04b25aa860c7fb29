using System.Text.Json;
using Lapidary.Numerics.Memory;

namespace Lapidary.Checkpoints;

/// <summary>A checkpoint as Hugging Face's libraries write it: <c>config.json</c> and one or several safetensors files.</summary>
public sealed class HuggingFaceFolder : Checkpoint
{
    /// <summary>The files that describe text and its tokens; they are carried along unchanged.</summary>
    public static readonly IReadOnlyList<string> TokenizerFiles =
    [
        "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "chat_template.jinja", "chat_template.json",
    ];

    private const string SingleFile = "model.safetensors";

    private readonly Dictionary<string, SafetensorsFile> shards = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, TensorInfo> tensors = new(StringComparer.Ordinal);
    private readonly List<string> files = [];

    private HuggingFaceFolder(string path, JsonElement config)
        : base(path)
    {
        Config = config;
    }

    /// <inheritdoc/>
    public override CheckpointFormat Format => CheckpointFormat.HuggingFace;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    /// <inheritdoc/>
    public override bool NormsIncludeOne => false;

    /// <inheritdoc/>
    public override bool HasTokenizer => File.Exists(PathOf("tokenizer.json")) || File.Exists(PathOf("tokenizer.model"));

    /// <inheritdoc/>
    public override IReadOnlyList<string> Files => files;

    /// <summary>The object in <c>config.json</c>, checked to be sound JSON.</summary>
    public JsonElement Config { get; }

    /// <summary>The path of <c>config.json</c>.</summary>
    public string ConfigPath => PathOf("config.json");

    /// <summary>The path of a file of the folder, whether it exists or not.</summary>
    public string PathOf(string fileName) => System.IO.Path.Combine(Path, fileName);

    /// <summary>Opens a folder and checks the headers of all its weight files.</summary>
    /// <exception cref="CheckpointException">A file is missing or not valid.</exception>
    public static new HuggingFaceFolder Open(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new CheckpointException(path, File.Exists(path) ? "is a file where a folder was expected" : "does not exist");
        }

        var folder = new HuggingFaceFolder(path, JsonFile.Read(System.IO.Path.Combine(path, "config.json")));
        try
        {
            folder.OpenWeights();
            folder.ListOtherFiles();
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The object in <c>generation_config.json</c>, or null if there is no such file.</summary>
    /// <exception cref="CheckpointException">The file is not valid.</exception>
    public JsonElement? ReadGenerationConfig() => JsonFile.ReadIfExists(PathOf("generation_config.json"));

    internal override MappedFile FileOf(TensorInfo info) => shards[info.File].Map;

    private protected override void Close()
    {
        foreach (SafetensorsFile shard in shards.Values)
        {
            shard.Dispose();
        }
    }

    // The single file wins over an index, as in transformers.
    private void OpenWeights()
    {
        string single = PathOf(SingleFile);
        string index = PathOf(ShardIndex.FileName);
        if (File.Exists(single) || (Directory.Exists(single) && !File.Exists(index)))
        {
            OpenShard(single, null);
        }
        else if (File.Exists(index))
        {
            OpenIndex(index);
        }
        else
        {
            bool pickled = File.Exists(PathOf("pytorch_model.bin")) || File.Exists(PathOf("pytorch_model.bin.index.json"));
            throw new CheckpointException(
                Path,
                $"has neither {SingleFile} nor {ShardIndex.FileName}" + (pickled ? "; weights in pytorch_model.bin are not read" : string.Empty));
        }
    }

    private void OpenIndex(string indexPath)
    {
        ShardIndex index = ShardIndex.Read(indexPath);
        foreach (string file in index.Files)
        {
            if (!File.Exists(PathOf(file)) && !Directory.Exists(PathOf(file)))
            {
                throw new CheckpointException(indexPath, $"names {file}, which does not exist in the folder");
            }
        }

        files.Add(indexPath);
        foreach (string file in index.Files)
        {
            OpenShard(PathOf(file), info => CheckAgainst(index, indexPath, file, info));
        }

        foreach ((string name, string file) in index.FileOfTensor)
        {
            if (!shards[PathOf(file)].Tensors.ContainsKey(name))
            {
                throw new CheckpointException(indexPath, $"says that {file} holds {name}, but it does not");
            }
        }
    }

    private static void CheckAgainst(ShardIndex index, string indexPath, string file, TensorInfo info)
    {
        if (!index.FileOfTensor.TryGetValue(info.StoredName, out string? expected))
        {
            throw new CheckpointException(info.File, $"holds the tensor {info.StoredName}, which {ShardIndex.FileName} does not name");
        }

        if (expected != file)
        {
            throw new CheckpointException(indexPath, $"says that {expected} holds {info.StoredName}, but it is in {file}");
        }
    }

    private void OpenShard(string path, Action<TensorInfo>? check)
    {
        SafetensorsFile shard = SafetensorsFile.Open(path);
        shards.Add(path, shard);
        files.Add(path);
        foreach (TensorInfo stored in shard.Tensors.Values)
        {
            check?.Invoke(stored);
            Add(tensors, stored with { Name = TensorNames.FromHuggingFace(stored.StoredName) });
        }
    }

    private void ListOtherFiles()
    {
        files.Add(ConfigPath);
        foreach (string name in TokenizerFiles.Append("generation_config.json"))
        {
            if (File.Exists(PathOf(name)))
            {
                files.Add(PathOf(name));
            }
        }
    }
}
