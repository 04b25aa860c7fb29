using Lapidary.Checkpoints;
using Lapidary.Numerics;

namespace Lapidary.Workbench.Training;

/// <summary>A checkpoint of a run whose files were all found undamaged. Its tensor files are mapped when they are first asked for.</summary>
public sealed class TrainingCheckpoint : IDisposable
{
    private readonly Dictionary<string, SafetensorsFile> open = new(StringComparer.Ordinal);
    private readonly HashSet<string> files;
    private bool disposed;

    private TrainingCheckpoint(string path, TrainingStateFile file)
    {
        Path = path;
        State = file.State;
        IsBest = file.IsBest;
        files = [.. file.Files.Select(entry => entry.Name)];
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Where the run stood.</summary>
    public TrainingState State { get; }

    /// <summary>Whether it was the best by validation loss when it was saved.</summary>
    public bool IsBest { get; }

    /// <summary>The names of its files, <c>trainer_state.json</c> not among them.</summary>
    public IReadOnlySet<string> Files => files;

    /// <summary>Opens a checkpoint: reads every file once and compares its SHA-256.</summary>
    /// <param name="path">The folder <c>checkpoint-{step}</c>.</param>
    /// <exception cref="CheckpointException">A file is missing or damaged, or of another version.</exception>
    public static TrainingCheckpoint Open(string path)
    {
        TrainingStateFile file = TrainingStateFile.Read(System.IO.Path.Combine(path, TrainingStateFile.FileName));
        CheckSizes(path, file);
        foreach (StoredFile entry in file.Files)
        {
            string stored = System.IO.Path.Combine(path, entry.Name);
            string found = FileHash.Sha256(stored);
            if (found != entry.Sha256)
            {
                throw new CheckpointException(stored, $"is damaged: its SHA-256 is {found} where {entry.Sha256} was expected");
            }
        }

        return new TrainingCheckpoint(path, file);
    }

    /// <summary>One of its safetensors files, mapped; it belongs to this checkpoint.</summary>
    /// <param name="file">Its name.</param>
    /// <exception cref="CheckpointException">There is no such file, or it is not one of tensors.</exception>
    public SafetensorsFile Tensors(string file)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!open.TryGetValue(file, out SafetensorsFile? tensors))
        {
            tensors = SafetensorsFile.Open(Find(file));
            open.Add(file, tensors);
        }

        return tensors;
    }

    /// <summary>Copies a tensor into memory that is there already.</summary>
    /// <param name="file">The name of the file.</param>
    /// <param name="tensorName">The name of the tensor.</param>
    /// <param name="destination">Must have its type and shape.</param>
    /// <exception cref="CheckpointException">There is no such tensor, or its type or shape differs.</exception>
    public unsafe void ReadInto(string file, string tensorName, Tensor destination)
    {
        Tensor source = Tensors(file).GetTensor(tensorName);
        if (source.Type != destination.Type || !source.Shape.AsSpan().SequenceEqual(destination.Shape.AsSpan()))
        {
            throw new CheckpointException(
                System.IO.Path.Combine(Path, file),
                $"has the tensor {tensorName} as {Describe(source)} where {Describe(destination)} was expected");
        }

        Buffer.MemoryCopy(source.Data, destination.Data, destination.ByteLength, source.ByteLength);
    }

    /// <summary>Copies all tensors of a file, and makes sure that it holds no others.</summary>
    /// <param name="file">The name of the file.</param>
    /// <param name="destinations">The tensors by their name in the file.</param>
    /// <exception cref="CheckpointException">A tensor is missing, too many, or of another type or shape.</exception>
    public void ReadInto(string file, IReadOnlyList<(string Name, Tensor Tensor)> destinations)
    {
        foreach ((string name, Tensor tensor) in destinations)
        {
            ReadInto(file, name, tensor);
        }

        string? other = Tensors(file).Tensors.Keys.Except(destinations.Select(entry => entry.Name)).FirstOrDefault();
        if (other is not null)
        {
            throw new CheckpointException(System.IO.Path.Combine(Path, file), $"has the tensor {other}, which this run does not have");
        }
    }

    /// <summary>Reads one of its small files.</summary>
    /// <param name="file">Its name.</param>
    /// <exception cref="CheckpointException">There is no such file, or it cannot be read.</exception>
    public byte[] ReadFile(string file)
    {
        string path = Find(file);
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    /// <summary>Unmaps its files.</summary>
    public void Dispose()
    {
        disposed = true;
        foreach (SafetensorsFile file in open.Values)
        {
            file.Dispose();
        }

        open.Clear();
    }

    /// <summary>Whether every file is there with the length that it should have.</summary>
    internal static void CheckSizes(string path, TrainingStateFile file)
    {
        foreach (StoredFile entry in file.Files)
        {
            var stored = new FileInfo(System.IO.Path.Combine(path, entry.Name));
            if (!stored.Exists)
            {
                throw new CheckpointException(stored.FullName, "does not exist");
            }

            if (stored.Length != entry.Bytes)
            {
                throw new CheckpointException(stored.FullName, $"has {stored.Length} bytes where {entry.Bytes} were expected");
            }
        }
    }

    private static string Describe(Tensor tensor) => $"{tensor.Type} {TensorInfo.Describe(tensor.Shape.AsSpan())}";

    private string Find(string file) => files.Contains(file)
        ? System.IO.Path.Combine(Path, file)
        : throw new CheckpointException(System.IO.Path.Combine(Path, file), "does not exist");
}
