using System.Collections.Immutable;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Memory;

namespace Lapidary.Checkpoints;

/// <summary>
/// The weights of a model on disk, whatever the format: tensors under canonical names, mapped into memory when they are asked for.
/// Opening reads and checks every header and no weights.
/// </summary>
public abstract class Checkpoint : IDisposable
{
    private readonly Dictionary<string, Tensor> mapped = new(StringComparer.Ordinal);
    private readonly Lock mapping = new();
    private bool disposed;

    private protected Checkpoint(string path)
    {
        Path = path;
    }

    /// <summary>The folder or file that was opened.</summary>
    public string Path { get; }

    /// <summary>How the checkpoint is laid out on disk.</summary>
    public abstract CheckpointFormat Format { get; }

    /// <summary>All tensors by canonical name, in the order of the files.</summary>
    public abstract IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>
    /// Whether the weights of the text model's norms are stored as 1 + w (GGUF, except for Gemma 3n whose norms multiply by w) instead
    /// of as the w of Gemma's papers.
    /// </summary>
    public abstract bool NormsIncludeOne { get; }

    /// <summary>Whether a tokenizer comes with the weights.</summary>
    public abstract bool HasTokenizer { get; }

    /// <summary>The files that make up the checkpoint: weights first, then what describes them.</summary>
    public abstract IReadOnlyList<string> Files { get; }

    /// <summary>Bytes of all tensors together.</summary>
    public long TensorBytes => Tensors.Values.Sum(tensor => tensor.ByteLength);

    /// <summary>Opens a Hugging Face folder or a GGUF file and checks all headers.</summary>
    /// <param name="path">A folder with <c>config.json</c>, or a <c>.gguf</c> file.</param>
    /// <exception cref="CheckpointException">Nothing is there, or its content is not valid.</exception>
    public static Checkpoint Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return HuggingFaceFolder.Open(path);
        }

        if (File.Exists(path) && !path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && !GgufFile.HasMagic(path))
        {
            throw new CheckpointException(path, "is neither a folder with config.json nor a GGUF file");
        }

        return GgufCheckpoint.Open(path);
    }

    /// <summary>A view of a tensor's data in its mapped file. Calls for the same tensor give the same object; it lives as long as the checkpoint.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or its type cannot be computed with.</exception>
    public Tensor GetTensor(string name)
    {
        lock (mapping)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (mapped.TryGetValue(name, out Tensor? tensor))
            {
                return tensor;
            }

            if (!Tensors.TryGetValue(name, out TensorInfo? info))
            {
                throw new CheckpointException(Path, $"has no tensor {name}");
            }

            if (!IsSupported(info.Type))
            {
                throw new CheckpointException(info.File, $"tensor {info.StoredName} is stored as {info.Type}, which cannot be computed with");
            }

            tensor = Tensor.Map(FileOf(info), info.Offset, info.Type.ElementType!.Value, info.Shape.AsSpan());
            mapped.Add(name, tensor);
            return tensor;
        }
    }

    /// <summary>Whether tensors of a type can be computed with.</summary>
    // The registry of formats is an array by element type, with null where a format is not built in.
    public static bool IsSupported(StoredType type) => type.ElementType is ElementType known && WeightFormat.Of(known) is not null;

    /// <summary>Unmaps the files; tensors that were handed out must not be used any more.</summary>
    public void Dispose()
    {
        lock (mapping)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
            mapped.Clear();
        }

        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>The mapped file that holds a tensor.</summary>
    internal abstract MappedFile FileOf(TensorInfo info);

    /// <summary>Unmaps the files.</summary>
    private protected abstract void Close();

    /// <summary>Adds a tensor under its canonical name.</summary>
    private protected static void Add(OrderedDictionary<string, TensorInfo> tensors, TensorInfo info)
    {
        if (!tensors.TryAdd(info.Name, info))
        {
            TensorInfo other = tensors[info.Name];
            string fact = other.File == info.File
                ? $"holds both {other.StoredName} and {info.StoredName}, which are the same tensor {info.Name}"
                : $"tensor {info.StoredName} is already in {System.IO.Path.GetFileName(other.File)}";
            throw new CheckpointException(info.File, fact);
        }
    }
}
