using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Threading;

namespace Lapidary.Inference;

/// <summary>
/// A model that is ready to run: its weights mapped, its threads started. Sessions of one model may be used from several threads;
/// their passes take turns.
/// </summary>
public sealed unsafe partial class LanguageModel : IDisposable
{
    private readonly WorkerPool pool;
    private readonly Lock pass = new();
    private readonly Batch virtualTokens = new();
    private readonly AppliedAdapters adapters;
    private readonly SparseWeights? sparse;
    private bool disposed;

    private LanguageModel(Checkpoint checkpoint, Gemma3Config config, AppliedAdapters adapters, InferenceOptions options)
    {
        int[] layers = [.. Enumerable.Range(0, config.LayerCount).Except(options.LeftOutLayers)];
        Checkpoint = checkpoint;
        Config = config.WithLayers(layers);
        Options = options;
        this.adapters = adapters;
        pool = new WorkerPool(options.Threads);
        sparse = options.Sparse ? new SparseWeights(pool) : null;
        try
        {
            var sources = new WeightSources { Adapters = adapters, Layers = layers, Replacements = options.Replacements, Sparse = sparse };
            Network = new Gemma3Network(checkpoint, Config, options.RoundEmbeddingScale, sources);
            sparse?.CloseFiles();
        }
        catch
        {
            sparse?.Dispose();
            pool.Dispose();
            throw;
        }

        Executor = new InferenceExecutor(pool, adapters.PromptEmbeddings);
    }

    /// <summary>The files behind the model.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The sizes.</summary>
    public Gemma3Config Config { get; }

    /// <summary>How it is run.</summary>
    public InferenceOptions Options { get; }

    /// <summary>
    /// Virtual tokens of a tuned prompt that stand before every sequence. They are nobody's business but the model's: positions, lengths
    /// and logits count the others only.
    /// </summary>
    public int VirtualTokens => (int)(adapters.PromptEmbeddings?.Rows ?? 0);

    /// <summary>Tokens that a sequence may have: the model's context less its virtual tokens.</summary>
    public int ContextLength => Config.ContextLength - VirtualTokens;

    /// <summary>Size of the weights in bytes, as they lie in the files.</summary>
    public long WeightBytes => Checkpoint.TensorBytes;

    /// <summary>The matrices that are kept in their sparse form; null without <see cref="InferenceOptions.Sparse"/>.</summary>
    public SparseSummary? Sparse => sparse?.Summary;

    internal Gemma3Network Network { get; }

    internal InferenceExecutor Executor { get; }

    /// <summary>The threads that compute; one who works on what a pass gives may use them while it lasts.</summary>
    internal WorkerPool Workers => pool;

    /// <summary>Opens a Hugging Face folder or a GGUF file, and the adapters that the options name.</summary>
    /// <exception cref="CheckpointException">The files are not those of a model that can be run, or an adapter does not fit it.</exception>
    /// <exception cref="ArgumentException">
    /// The options leave out a layer that is not there, or all, or a replacement has the name of no matrix, or another shape.
    /// </exception>
    public static LanguageModel Open(string path, InferenceOptions? options = null)
    {
        options ??= new InferenceOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ChunkSize, 1, nameof(options));
        Checkpoint checkpoint = Checkpoint.Open(path);
        AppliedAdapters? adapters = null;
        try
        {
            Gemma3Config config = Gemma3Config.From(checkpoint);
            config.Validate(checkpoint);
            CheckLeftOut(options, config.LayerCount);
            adapters = AppliedAdapters.Open(checkpoint, options.Adapters);
            if (adapters.PromptEmbeddings is { } prompt && prompt.Rows >= config.ContextLength)
            {
                throw new CheckpointException(
                    path, $"has a context of {config.ContextLength} tokens, too few for {prompt.Rows} virtual tokens and a text");
            }

            return new LanguageModel(checkpoint, config, adapters, options);
        }
        catch
        {
            adapters?.Dispose();
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Starts an empty sequence of at most <paramref name="capacity"/> tokens.</summary>
    public InferenceSession CreateSession(int capacity) => new(this, capacity);

    /// <summary>Frees everything once a pass that is running has ended.</summary>
    public void Dispose()
    {
        lock (pass)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
            pool.Dispose();
            Executor.Dispose();
            Network.Dispose();
            sparse?.Dispose();
            adapters.Dispose();
            Checkpoint.Dispose();
        }
    }

    /// <summary>Runs a batch through the network and adds its tokens to the caches of its sequences.</summary>
    /// <param name="batch">The next tokens of one or more sequences.</param>
    /// <param name="fast">Whether the layers use the fast kernels of decoding.</param>
    /// <param name="lastLogits">Takes the logits [wanted rows, vocabulary]; null for none.</param>
    /// <param name="sink">Takes the logits of all tokens of the one sequence instead.</param>
    /// <param name="observer">Watches the named values of the one sequence.</param>
    /// <exception cref="NonFiniteException">NaN or infinity appeared; the caches are as long as before.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    internal void Run(Batch batch, bool fast, float* lastLogits, LogitsSink? sink = null, ActivationObserver? observer = null)
    {
        lock (pass)
        {
            FillPrefixes(batch);
            if (sink is null)
            {
                Executor.Begin(batch, fast, fastLogits: !Options.Exact, lastLogits);
            }
            else
            {
                Executor.Begin(batch, sink);
            }

            Forward(batch, observer);
        }
    }

    /// <summary>Runs a batch with the exact kernels and gives the logits of its wanted rows a tile at a time.</summary>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    internal void Run(Batch batch, LogitsTileSink sink)
    {
        lock (pass)
        {
            FillPrefixes(batch);
            Executor.Begin(batch, sink);
            Forward(batch, null);
        }
    }

    /// <summary>A cache for a sequence of at most <paramref name="capacity"/> tokens.</summary>
    internal KvCache CreateCache(int capacity) => new(Config, capacity, Options.ChunkSize, VirtualTokens);

    /// <summary>Processes the virtual tokens of an empty cache and gives the logits after each of them.</summary>
    internal void ProcessVirtual(KvCache cache, LogitsSink sink)
    {
        lock (pass)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            FillPrefix(cache, sink);
        }
    }

    private static void CheckLeftOut(InferenceOptions options, int layerCount)
    {
        if (options.LeftOutLayers.Any(layer => layer < 0 || layer >= layerCount) || options.LeftOutLayers.Distinct().Count() == layerCount)
        {
            throw new ArgumentException(
                $"The layers {string.Join(", ", options.LeftOutLayers)} cannot be left out of {layerCount}.", nameof(options));
        }
    }

    private void FillPrefixes(Batch batch)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        foreach (SequenceRun run in batch.Runs)
        {
            FillPrefix(run.Cache, null);
        }
    }

    // The virtual tokens go through the network before the first token of a sequence does, as a prompt of their own.
    private void FillPrefix(KvCache cache, LogitsSink? sink)
    {
        while (cache.NeedsPrefix)
        {
            virtualTokens.Clear();
            virtualTokens.AddVirtual(cache, Math.Min(Options.ChunkSize, cache.Prefix - cache.Filled));
            if (sink is null)
            {
                Executor.Begin(virtualTokens, fastProducts: false, fastLogits: !Options.Exact, null);
            }
            else
            {
                Executor.Begin(virtualTokens, sink);
            }

            Forward(virtualTokens, null);
        }
    }

    // What the executor was told to begin.
    private void Forward(Batch batch, ActivationObserver? observer)
    {
        foreach (SequenceRun run in batch.Runs)
        {
            run.Cache.BeginWrite(run.FirstPosition + run.Count);
        }

        IExecutor executor = observer is null
            ? Executor
            : new ObserverExecutor<InferenceExecutor>(Executor, batch.Runs[0].FirstPosition - VirtualTokens, observer);
        try
        {
            Network.Forward(executor);
        }
        catch (NonFiniteException seen)
        {
            throw Explain(seen);
        }

        foreach (SequenceRun run in batch.Runs)
        {
            run.Cache.EndWrite(run.FirstPosition + run.Count);
        }
    }

    // Explains a number that is not finite: the first weight that holds one, or else what the pass said.
    private NonFiniteException Explain(NonFiniteException seen)
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
