using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;

namespace Lapidary.Inference;

/// <summary>
/// Runs each step at once with the fused kernels, on memory that is kept from pass to pass. Keys and values go to the caches of the
/// batch's sequences.
/// </summary>
internal sealed unsafe class InferenceExecutor : IExecutor, IActivationReader, IDisposable
{
    // Logits of a 262,144-token vocabulary take a megabyte a row: as many rows at a time as keep the output matrix worth unpacking.
    private const long LogitsTileBytes = 64L << 20;

    private readonly WorkerPool pool;
    private readonly Tensor? promptEmbeddings;
    private readonly MatrixProduct product;
    private readonly ActivationArena arena = new();
    private readonly RotaryTables rotaryTables = new();
    private NativeMemoryBlock? logitsTile;
    private Batch? batch;
    private LogitsTileSink? sink;
    private bool wantsAll;
    private bool fastLayers;
    private bool fastOutput;
    private float* lastLogits;

    /// <summary>An executor that runs on <paramref name="pool"/>.</summary>
    /// <param name="pool">Workers.</param>
    /// <param name="promptEmbeddings">The vectors of virtual tokens [tokens, hidden], F32; null where there are none.</param>
    public InferenceExecutor(WorkerPool pool, Tensor? promptEmbeddings)
    {
        this.pool = pool;
        this.promptEmbeddings = promptEmbeddings;
        product = new MatrixProduct(pool);
    }

    /// <summary>Memory for activations in bytes.</summary>
    public long ActivationBytes => arena.ByteLength;

    public Activation LastGated { get; private set; }

    /// <summary>Prepares a pass that writes the logits of the wanted rows to <paramref name="logits"/> (null: none).</summary>
    /// <param name="tokens">What goes through the network.</param>
    /// <param name="fastProducts">Whether the layers use the fast kernels of decoding.</param>
    /// <param name="fastLogits">Whether the output matrix does: the exact ones unpack all of it for a single row.</param>
    /// <param name="logits">[wanted rows, vocabulary].</param>
    public void Begin(Batch tokens, bool fastProducts, bool fastLogits, float* logits)
    {
        Prepare(tokens, fastProducts, fastLogits);
        lastLogits = logits;
    }

    /// <summary>Prepares a pass over one sequence that gives the logits of every token to <paramref name="allLogits"/>.</summary>
    public void Begin(Batch tokens, LogitsSink allLogits)
    {
        int prefix = tokens.IsVirtual ? 0 : tokens.Runs[0].Cache.Prefix;
        Begin(tokens, (first, count, width, tile) =>
            allLogits(tokens.Positions[first] - prefix, count, new ReadOnlySpan<float>(tile, checked(count * width))));
        wantsAll = true;
    }

    /// <summary>Prepares a pass that gives the logits of the wanted rows to <paramref name="tiles"/>.</summary>
    public void Begin(Batch tokens, LogitsTileSink tiles)
    {
        Prepare(tokens, fastProducts: false, fastLogits: false);
        sink = tiles;
    }

    public Activation Embed(Weight table, float scale)
    {
        int width = table.Inputs;
        Activation result = arena.Allocate(batch!.Count, width);
        float* destination = arena.Pointer(result);
        ReadOnlySpan<int> tokens = batch.Tokens;
        if (!batch.IsVirtual && table.Sparse is { } sparse)
        {
            for (int i = 0; i < tokens.Length; i++)
            {
                sparse.DecodeRow(tokens[i], new Span<float>(destination + ((nint)i * width), width));
            }
        }
        else
        {
            Tensor source = batch.IsVirtual ? promptEmbeddings! : table.Tensor;
            WeightFormat format = WeightFormat.Of(source.Type);
            for (int i = 0; i < tokens.Length; i++)
            {
                format.Decode(source.RowPointer(tokens[i]), destination + ((nint)i * width), width);
            }
        }

        // Virtual tokens were trained in the space of the scaled embeddings.
        if (!batch.IsVirtual)
        {
            VectorAdd.Scale(pool, destination, scale, (long)tokens.Length * width);
        }

        return result;
    }

    /// <summary>Takes over values that were kept: the residual stream of the batch's tokens [tokens, width].</summary>
    public Activation Load(ReadOnlySpan<float> values, int width)
    {
        Activation result = arena.Allocate(batch!.Count, width);
        values.CopyTo(new Span<float>(arena.Pointer(result), checked(batch.Count * width)));
        return result;
    }

    public Activation Norm(Activation input, NormWeight weight)
    {
        int rows = arena.Rows(input);
        int width = arena.Width(input);
        Activation result = arena.Allocate(rows, width);
        bool finite = RmsNorm.Forward(
            pool, arena.Pointer(input), weight.Scale, arena.Pointer(result), rows * (width / weight.Length), weight.Length, weight.Epsilon);
        if (!finite)
        {
            throw new NonFiniteException($"The input of {weight.Name} holds NaN or infinity.");
        }

        return result;
    }

    public Activation Project(Activation input, Weight weight)
    {
        Activation result = arena.Allocate(arena.Rows(input), weight.Outputs);
        Multiply(input, Target(weight, result));
        Update(input, weight, result);
        return result;
    }

    public (Activation First, Activation Second, Activation Third) Project(Activation input, Weight first, Weight second, Weight third)
    {
        int rows = arena.Rows(input);
        Activation a = arena.Allocate(rows, first.Outputs);
        Activation b = arena.Allocate(rows, second.Outputs);
        Activation c = arena.Allocate(rows, third.Outputs);
        Multiply(input, Target(first, a), Target(second, b), Target(third, c));
        Update(input, first, a);
        Update(input, second, b);
        Update(input, third, c);
        return (a, b, c);
    }

    public Activation Rotate(Activation input, RotarySpec rotary)
    {
        RotaryEmbedding.Forward(
            pool,
            arena.Pointer(input),
            rotaryTables.Get(batch!.Positions, rotary),
            arena.Rows(input),
            arena.Width(input) / rotary.HeadDimension,
            rotary.HeadDimension);
        return input;
    }

    public Activation Attend(Activation query, Activation key, Activation value, in AttentionSpec spec)
    {
        Activation result = arena.Allocate(arena.Rows(query), arena.Width(query));
        foreach (SequenceRun run in batch!.Runs)
        {
            KeyValueStore store = run.Cache.Layer(spec.Layer);
            nint keyOffset = (nint)run.FirstRow * arena.Width(key);
            nint queryOffset = (nint)run.FirstRow * arena.Width(query);
            store.Write(pool, arena.Pointer(key) + keyOffset, arena.Pointer(value) + keyOffset, run.FirstPosition, run.Count);
            Attention.Forward(
                pool,
                arena.Pointer(query) + queryOffset,
                arena.Pointer(result) + queryOffset,
                store,
                run.Count,
                run.FirstPosition,
                spec.HeadCount,
                spec.Window,
                spec.Scale,
                spec.Cap);
        }

        return result;
    }

    public Activation GatedMlp(Activation input, Weight gate, Weight up, Weight down)
    {
        int rows = arena.Rows(input);
        Activation gated = arena.Allocate(rows, gate.Outputs);
        Activation scaled = arena.Allocate(rows, up.Outputs);
        Multiply(input, Target(gate, gated), Target(up, scaled));
        Update(input, gate, gated);
        Update(input, up, scaled);
        GatedGelu.Forward(pool, arena.Pointer(gated), arena.Pointer(scaled), rows, gate.Outputs);
        LastGated = gated;
        return Project(gated, down);
    }

    public Activation Add(Activation residual, Activation delta)
    {
        VectorAdd.Add(pool, arena.Pointer(residual), arena.Pointer(delta), (long)arena.Rows(residual) * arena.Width(residual));
        return residual;
    }

    // The wanted rows, moved to the front; one row where there are none, since a value has at least one.
    public Activation KeepWanted(Activation input)
    {
        int wanted = batch!.Wanted.Length;
        if (!wantsAll && arena.Rows(input) != wanted)
        {
            Gather(arena.Pointer(input), arena.Pointer(input), arena.Width(input));
            arena.Truncate(input, Math.Max(1, wanted));
        }

        return input;
    }

    public void Unembed(Activation input, Weight table, float? cap)
    {
        int count = wantsAll ? batch!.Count : batch!.Wanted.Length;
        if (count == 0)
        {
            return;
        }

        if (sink is not null)
        {
            UnembedTiles(Wanted(input, count), count, arena.Width(input), table, cap);
        }
        else if (lastLogits is not null)
        {
            UnembedRows(Wanted(input, count), count, arena.Width(input), table, cap, lastLogits);
        }
    }

    public void BeginLayer(int layer) => arena.BeginLayer();

    public void EndLayer() => arena.EndLayer();

    public void Label(Activation value, ActivationName name)
    {
        // Nobody watches: see ObserverExecutor.
    }

    public ReadOnlySpan<float> Read(Activation value) =>
        new(arena.Pointer(value), checked(arena.Rows(value) * arena.Width(value)));

    public int WidthOf(Activation value) => arena.Width(value);

    public void Dispose()
    {
        arena.Dispose();
        product.Dispose();
        logitsTile?.Dispose();
        rotaryTables.Dispose();
    }

    private void Prepare(Batch tokens, bool fastProducts, bool fastLogits)
    {
        arena.Clear();
        batch = tokens;
        fastLayers = fastProducts;
        fastOutput = fastLogits;
        sink = null;
        wantsAll = false;
        lastLogits = null;
        rotaryTables.Clear();
    }

    // The wanted rows side by side, so that the output matrix is walked through once.
    private float* Wanted(Activation input, int count)
    {
        int width = arena.Width(input);
        float* wanted = arena.Pointer(input);
        if (arena.Rows(input) != count)
        {
            wanted = arena.Pointer(arena.Allocate(count, width));
            Gather(arena.Pointer(input), wanted, width);
        }

        return wanted;
    }

    // Rows only move towards the front, so source and destination may be the same.
    private void Gather(float* rows, float* wanted, nint width)
    {
        ReadOnlySpan<int> indices = batch!.Wanted;
        for (int i = 0; i < indices.Length; i++)
        {
            new ReadOnlySpan<float>(rows + (indices[i] * width), (int)width).CopyTo(new Span<float>(wanted + (i * width), (int)width));
        }
    }

    private void UnembedTiles(float* rows, int count, int width, Weight table, float? cap)
    {
        int vocabulary = table.Outputs;
        int tileRows = (int)Math.Clamp(LogitsTileBytes / (vocabulary * (long)sizeof(float)), 1, count);
        long bytes = (long)tileRows * vocabulary * sizeof(float);
        if (logitsTile is null || logitsTile.ByteLength < bytes)
        {
            logitsTile?.Dispose();
            logitsTile = null;
            logitsTile = new NativeMemoryBlock(bytes);
        }

        var tile = (float*)logitsTile.Pointer;
        for (int row = 0; row < count; row += tileRows)
        {
            int present = Math.Min(tileRows, count - row);
            UnembedRows(rows + ((nint)row * width), present, width, table, cap, tile);
            sink!(row, present, vocabulary, tile);
        }
    }

    private void UnembedRows(float* rows, int count, int width, Weight table, float? cap, float* logits)
    {
        MultiplyRows(fastOutput, rows, count, width, Target(table, logits));
        Update(fastOutput, rows, count, table, logits);
        Cap(logits, (long)count * table.Outputs, cap);
    }

    private void Cap(float* logits, long count, float? cap)
    {
        if (cap is float limit)
        {
            SoftCap.Forward(pool, logits, count, limit);
        }
    }

    private ProductTarget Target(Weight weight, Activation output) => Target(weight, arena.Pointer(output));

    private static ProductTarget Target(Weight weight, float* output) =>
        weight.Sparse is { } sparse ? new ProductTarget(sparse, output, weight.Outputs) : new ProductTarget(weight.Tensor, output, weight.Outputs);

    private void Multiply(Activation input, params ReadOnlySpan<ProductTarget> targets) =>
        MultiplyRows(fastLayers, arena.Pointer(input), arena.Rows(input), arena.Width(input), targets);

    private void Update(Activation input, Weight weight, Activation output) =>
        Update(fastLayers, arena.Pointer(input), arena.Rows(input), weight, arena.Pointer(output));

    // What adapters do to the weight, on top of its product with the input.
    private void Update(bool fast, float* input, int rows, Weight weight, float* output)
    {
        if (weight.Update is not { } update)
        {
            return;
        }

        float* reduced = arena.Pointer(arena.Allocate(rows, update.Rank));
        MultiplyRows(fast, input, rows, weight.Inputs, new ProductTarget(update.A, reduced, update.Rank));
        LowRankAdd.Forward(pool, reduced, rows, update.Rank, update.B, update.Factors, output, weight.Outputs);
    }

    private void MultiplyRows(bool fast, float* input, int rows, int width, params ReadOnlySpan<ProductTarget> targets)
    {
        if (fast)
        {
            product.MultiplyVectors(input, rows, width, targets);
        }
        else
        {
            product.Multiply(input, rows, width, targets);
        }
    }
}
