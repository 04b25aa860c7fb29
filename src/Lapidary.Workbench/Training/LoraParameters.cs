using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Training;

/// <summary>LoRA, rsLoRA and DoRA, with random or principal (PiSSA) beginnings; tensors have PEFT's names.</summary>
internal sealed unsafe class LoraParameters(TrainingOptions options, string baseModel, WorkerPool pool) : TunedParameters
{
    private readonly List<(string WeightName, TrainedUpdate Update, (Tensor A, Tensor B)? Initial)> updates = [];
    private LoraConfig config = new();

    public override string CheckpointFile => PeftAdapter.WeightsFile;

    public override void AttachTo(TrainedModel model)
    {
        using PeftAdapter? start = options.Adapter is string folder ? PeftAdapter.Open(folder) : null;
        start?.CheckAgainst(model.Checkpoint);
        if (start is not null && start.Lora is null)
        {
            throw new CheckpointException(start.Path, "is an adapter of another kind than LoRA");
        }

        config = start?.Lora ?? FromOptions();
        foreach (string name in model.Network.TensorNames)
        {
            string module = name[..^".weight".Length];
            if (TensorNames.IsNorm(name) || !config.IsTarget(module) || (start is not null && !start.Pairs.ContainsKey(name)))
            {
                continue;
            }

            if (!name.Contains(".layers.", StringComparison.Ordinal))
            {
                throw new ArgumentException($"{module} cannot have a low-rank update; targets are {string.Join(", ", LoraOptions.AllLinear)}.");
            }

            Add(model, name, module, start?.Pairs[name]);
        }

        if (updates.Count == 0)
        {
            throw new ArgumentException(
                $"No matrix is a target of {string.Join(", ", config.TargetModules)}; targets are {string.Join(", ", LoraOptions.AllLinear)}.");
        }
    }

    public override IReadOnlyList<(string Name, byte[] Content)> Companions(TrainedModel model) =>
        [(PeftAdapter.ConfigFile, JsonBytes.Of(config.ToJson()))];

    public override void Write(TrainedModel model, OutputFolder output, CancellationToken cancellation)
    {
        List<LoraPair> pairs = [.. updates.Select(entry => entry.Initial is { } initial
            ? Difference(entry.WeightName, entry.Update, initial)
            : new LoraPair(entry.WeightName, entry.Update.A.Value, entry.Update.B.Value, entry.Update.Magnitude?.Value, entry.Update.Scale))];
        try
        {
            PeftAdapter.Save(output, Plain(), pairs);
        }
        finally
        {
            foreach (LoraPair pair in pairs.Where(_ => updates[0].Initial is not null))
            {
                pair.A.Dispose();
                pair.B.Dispose();
            }
        }
    }

    private LoraConfig FromOptions() => new()
    {
        Rank = options.Lora.Rank,
        Alpha = options.Lora.Alpha,
        Dropout = options.Lora.Dropout,
        TargetModules = options.Lora.Targets,
        UseRsLora = options.Lora.RankStabilized,
        UseDora = options.Lora.Dora,
        BaseModel = baseModel,
    };

    // An adapter that began with PiSSA is the difference of two updates of rank r, that is one of rank 2 r: alpha doubles with the rank,
    // or grows with its root, so that the factor stays.
    private LoraConfig Plain() =>
        updates[0].Initial is null
            ? config
            : config with { Rank = 2 * config.Rank, Alpha = config.Alpha * (config.UseRsLora ? Math.Sqrt(2) : 2) };

    private void Add(TrainedModel model, string name, string module, LoraPair? start)
    {
        Weight weight = model.Network.WeightOf(name);
        int rank = config.RankOf(module);
        float scale = (float)config.ScaleOf(module);
        Tensor a, b;
        Tensor? magnitude = null;
        (Tensor, Tensor)? initial = null;
        if (start is not null)
        {
            a = TensorConversion.Convert(start.A, ElementType.F32);
            b = TensorConversion.Convert(start.B, ElementType.F32);
            magnitude = start.Magnitude is { } stored ? TensorConversion.Convert(stored, ElementType.F32) : null;
        }
        else
        {
            a = Tensor.Allocate(ElementType.F32, rank, weight.Inputs);
            b = Tensor.Allocate(ElementType.F32, weight.Outputs, rank);
            magnitude = config.UseDora ? RowNorms(weight.Tensor) : null;
            if (options.Lora.Initialization == LoraInitialization.Pissa)
            {
                initial = Principal(model, weight, rank, scale, a, b);
            }
            else
            {
                FillUniform(a, RandomBits.KeyOf(options.Seed, name));
            }
        }

        var update = new TrainedUpdate(
            new Parameter(PeftNames.A(module), a),
            new Parameter(PeftNames.B(module), b),
            magnitude is null ? null : new Parameter(PeftNames.Magnitude(module), magnitude),
            scale,
            config.Dropout,
            name);
        model.Train(name, update);
        updates.Add((name, update, initial));
    }

    // As PEFT: kaiming_uniform with a = sqrt(5), which is U(-1 / sqrt(in), 1 / sqrt(in)).
    private static void FillUniform(Tensor a, ulong seed)
    {
        var random = new SplitMix64(seed);
        double bound = 1 / Math.Sqrt(a.RowLength);
        foreach (ref float element in a.AsFloats())
        {
            element = (float)(bound * ((2 * random.NextDouble()) - 1));
        }
    }

    private static Tensor RowNorms(Tensor weight)
    {
        Tensor norms = Tensor.Allocate(ElementType.F32, weight.Rows);
        var row = new float[weight.RowLength];
        for (int i = 0; i < weight.Rows; i++)
        {
            weight.DecodeRow(i, row);
            norms.AsFloats()[i] = (float)Math.Sqrt(row.Sum(element => (double)element * element));
        }

        return norms;
    }

    // W = residual + scale B A with B A the best approximation of W / scale of its rank (Meng et al. 2024, equations 2 to 4): the frozen
    // matrix becomes the residual.
    private (Tensor A, Tensor B) Principal(TrainedModel model, Weight weight, int rank, float scale, Tensor a, Tensor b)
    {
        Tensor dense = TensorConversion.Convert(weight.Tensor, ElementType.F32);
        model.Own(dense);
        TruncatedSvd top = TruncatedSvd.Compute(
            pool, (float*)dense.Data, weight.Outputs, weight.Inputs, rank, RandomBits.KeyOf(options.Seed, weight.Name));
        int inputs = weight.Inputs;
        for (int r = 0; r < rank; r++)
        {
            double root = Math.Sqrt(top.SingularValues[r] / scale);
            for (int i = 0; i < inputs; i++)
            {
                a.AsFloats()[(r * inputs) + i] = (float)(root * top.Right[(i * rank) + r]);
            }

            for (int o = 0; o < weight.Outputs; o++)
            {
                b.AsFloats()[(o * rank) + r] = (float)(root * top.Left[(o * rank) + r]);
            }
        }

        for (int o = 0; o < weight.Outputs; o++)
        {
            Span<float> row = dense.AsFloats().Slice(o * inputs, inputs);
            for (int r = 0; r < rank; r++)
            {
                float factor = scale * b.AsFloats()[(o * rank) + r];
                System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(a.AsFloats().Slice(r * inputs, inputs), -factor, row, row);
            }
        }

        model.Matrix(weight).Applied = dense;
        Tensor firstA = TensorConversion.Convert(a, ElementType.F32);
        Tensor firstB = TensorConversion.Convert(b, ElementType.F32);
        model.Own(firstA);
        model.Own(firstB);
        return (firstA, firstB);
    }

    // B A - B0 A0 = [B, -B0] [A; A0].
    private static LoraPair Difference(string name, TrainedUpdate update, (Tensor A, Tensor B) initial)
    {
        int rank = update.Rank;
        int inputs = (int)update.A.Value.RowLength;
        int outputs = (int)update.B.Value.Rows;
        Tensor a = Tensor.Allocate(ElementType.F32, 2 * rank, inputs);
        Tensor b = Tensor.Allocate(ElementType.F32, outputs, 2 * rank);
        update.A.Value.AsFloats().CopyTo(a.AsFloats());
        initial.A.AsFloats().CopyTo(a.AsFloats()[(rank * inputs)..]);
        for (int o = 0; o < outputs; o++)
        {
            Span<float> row = b.AsFloats().Slice(o * 2 * rank, 2 * rank);
            update.B.Value.AsFloats().Slice(o * rank, rank).CopyTo(row);
            System.Numerics.Tensors.TensorPrimitives.Negate(initial.B.AsFloats().Slice(o * rank, rank), row[rank..]);
        }

        return new LoraPair(name, a, b, null, update.Scale);
    }
}
