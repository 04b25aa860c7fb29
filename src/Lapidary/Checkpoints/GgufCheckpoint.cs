using Lapidary.Numerics.Memory;

namespace Lapidary.Checkpoints;

/// <summary>A checkpoint in one GGUF file.</summary>
public sealed class GgufCheckpoint : Checkpoint
{
    private readonly OrderedDictionary<string, TensorInfo> tensors = new(StringComparer.Ordinal);

    private GgufCheckpoint(GgufFile gguf)
        : base(gguf.Path)
    {
        Gguf = gguf;
        NormsIncludeOne = gguf.Architecture != "gemma3n";
        foreach (TensorInfo stored in gguf.Tensors.Values)
        {
            Add(tensors, stored with { Name = TensorNames.FromGguf(stored.StoredName) });
        }
    }

    /// <summary>The file with its metadata.</summary>
    public GgufFile Gguf { get; }

    /// <inheritdoc/>
    public override CheckpointFormat Format => CheckpointFormat.Gguf;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    /// <inheritdoc/>
    public override bool NormsIncludeOne { get; }

    /// <inheritdoc/>
    public override bool HasTokenizer => Gguf.Metadata.ContainsKey("tokenizer.ggml.tokens");

    /// <inheritdoc/>
    public override IReadOnlyList<string> Files => [Path];

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CheckpointException">The file cannot be read or is not valid.</exception>
    public static new GgufCheckpoint Open(string path)
    {
        GgufFile gguf = GgufFile.Open(path);
        try
        {
            return new GgufCheckpoint(gguf);
        }
        catch
        {
            gguf.Dispose();
            throw;
        }
    }

    internal override MappedFile FileOf(TensorInfo info) => Gguf.Map;

    private protected override void Close() => Gguf.Dispose();
}
