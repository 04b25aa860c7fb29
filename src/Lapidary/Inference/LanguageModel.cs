using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Threading;

namespace Lapidary.Inference;

/// <summary>
/// A model that is ready to run: its weights mapped, its threads started. Sessions of one model may be used from several threads;
/// their passes take turns.
/// </summary>
public sealed class LanguageModel : IDisposable
{
    private readonly WorkerPool pool;

    private LanguageModel(Checkpoint checkpoint, Gemma3Config config, InferenceOptions options)
    {
        Checkpoint = checkpoint;
        Config = config;
        Options = options;
        Network = new Gemma3Network(checkpoint, config, options.RoundEmbeddingScale);
        pool = new WorkerPool(options.Threads);
        Executor = new InferenceExecutor(pool);
    }

    /// <summary>The files behind the model.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The sizes.</summary>
    public Gemma3Config Config { get; }

    /// <summary>How it is run.</summary>
    public InferenceOptions Options { get; }

    /// <summary>Size of the weights in bytes, as they lie in the files.</summary>
    public long WeightBytes => Checkpoint.TensorBytes;

    internal Gemma3Network Network { get; }

    internal InferenceExecutor Executor { get; }

    internal Lock Pass { get; } = new();

    /// <summary>Opens a Hugging Face folder or a GGUF file.</summary>
    /// <exception cref="CheckpointException">The files are not those of a model that can be run.</exception>
    public static LanguageModel Open(string path, InferenceOptions? options = null)
    {
        options ??= new InferenceOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ChunkSize, 1, nameof(options));
        Checkpoint checkpoint = Checkpoint.Open(path);
        try
        {
            Gemma3Config config = Gemma3Config.From(checkpoint);
            config.Validate(checkpoint);
            return new LanguageModel(checkpoint, config, options);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Starts an empty sequence of at most <paramref name="capacity"/> tokens.</summary>
    public InferenceSession CreateSession(int capacity) => new(this, capacity);

    /// <inheritdoc/>
    public void Dispose()
    {
        pool.Dispose();
        Executor.Dispose();
        Network.Dispose();
        Checkpoint.Dispose();
    }

    /// <summary>
    /// Explains a number that is not finite: the first weight that holds one, or else what the pass said.
    /// </summary>
    internal NonFiniteException Explain(NonFiniteException seen)
    {
        foreach (string name in Network.TensorNames)
        {
            Tensor tensor = Checkpoint.GetTensor(name);
            var row = new float[tensor.RowLength];
            for (long i = 0; i < tensor.Rows; i++)
            {
                tensor.DecodeRow(i, row);
                int element = Array.FindIndex(row, value => !float.IsFinite(value));
                if (element >= 0)
                {
                    return new NonFiniteException($"{Checkpoint.Path}: tensor {name} holds {row[element]} at row {i}, column {element}.");
                }
            }
        }

        return new NonFiniteException($"{Checkpoint.Path}: {seen.Message}");
    }
}
