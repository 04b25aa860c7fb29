using System.Diagnostics;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Training;

/// <summary>Counts what a run will need from the shapes of the model and the options, before anything is allocated.</summary>
public static class WorkloadEstimator
{
    private const long LogitsTileBytes = 256L << 20;
    private const long RuntimeBytes = 80L << 20;

    // What a whole step reaches of the speed of a product: norms, attention, packing and the optimizer take the rest.
    private const double StepEfficiency = 0.6;

    /// <summary>The workload of a run.</summary>
    /// <param name="inputs">Model and data.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="gigaflopsPerSecond">Speed of the machine in training: see <see cref="MeasureSpeed"/>.</param>
    public static TrainingWorkload Estimate(TrainingInputs inputs, TrainingOptions options, double gigaflopsPerSecond)
    {
        Gemma3Config config = inputs.Config;
        bool Trained(ExpectedTensor tensor) => options.Method == TrainingMethod.Full && !options.IsFrozen(tensor.Name);
        ExpectedTensor[] tensors = [.. config.ExpectedTensors().Select(tensor => new ExpectedTensor(tensor.Name, [.. tensor.Shape]))];
        long trained = options.Method switch
        {
            TrainingMethod.Full => tensors.Where(Trained).Sum(tensor => tensor.Length),
            TrainingMethod.Lora => tensors.Where(tensor => IsTarget(options, tensor)).Sum(tensor => options.Lora.Rank * (tensor.Shape[0] + tensor.Shape[1])),
            _ => (long)options.Prompt.VirtualTokens * config.HiddenSize,
        };
        long sequence = options.Pack ? options.MaxLength : inputs.Data.LongestExample;
        long stepsPerEpoch = TrainingLoop.PlanOf(options, inputs.Data).StepsPerEpoch;
        long steps = options.Steps ?? (long)Math.Ceiling(options.Epochs * stepsPerEpoch);
        long rows = options.BatchSize * sequence;
        (long layer, long gradients, long outside) = ActivationFloats(config, options);
        return new TrainingWorkload
        {
            TrainedParameters = trained,
            ValueBytesPerParameter = options.Method == TrainingMethod.Full && options.Storage == WeightStorage.BF16 ? 2 : 4,
            StateBytesPerParameter = StateBytes(options, tensors, Trained, trained),
            FrozenBytes = FrozenBytes(inputs.Checkpoint, options, tensors, Trained)
                + (inputs.Teacher is { } teacher ? teacher.TensorBytes : 0),
            FixedBytes = RuntimeBytes + (2 * Math.Min(LogitsTileBytes, rows * config.VocabularySize * sizeof(float))),
            ActivationBytesPerToken = sizeof(float) * ((config.LayerCount * layer) + gradients + outside),
            CheckpointedActivationBytesPerToken = sizeof(float) * ((config.LayerCount * config.HiddenSize) + layer + gradients + outside),
            ActivationCheckpointing = options.ActivationCheckpointing,
            BatchSize = options.BatchSize,
            GradientAccumulation = options.GradientAccumulation,
            TokensPerSequence = sequence,
            Steps = steps,
            Tokens = (long)(inputs.Data.TokenCount * (steps / (double)stepsPerEpoch)),
            FlopsPerToken = Flops(config, options, tensors, Trained, sequence)
                + (inputs.Teacher is { } other ? 2.0 * other.Tensors.Values.Where(tensor => tensor.Shape.Length == 2).Sum(tensor => tensor.Length) : 0),
            GigaflopsPerSecond = gigaflopsPerSecond,
        };
    }

    /// <summary>Measures a product of matrices for a tenth of a second, and gives the share of it that a training step reaches.</summary>
    public static unsafe double MeasureSpeed(int threads)
    {
        const int Rows = 512, Inner = 512, Outputs = 1024;
        using var pool = new WorkerPool(threads);
        using var product = new MatrixProduct(pool);
        using Tensor input = Tensor.Allocate(ElementType.F32, Rows, Inner);
        using Tensor weight = Tensor.Allocate(ElementType.F32, Outputs, Inner);
        using Tensor output = Tensor.Allocate(ElementType.F32, Rows, Outputs);
        double best = double.PositiveInfinity;
        long end = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 5);
        while (Stopwatch.GetTimestamp() < end)
        {
            long start = Stopwatch.GetTimestamp();
            product.Multiply((float*)input.Data, Rows, Inner, new ProductTarget(weight, (float*)output.Data, Outputs));
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return StepEfficiency * 2.0 * Rows * Inner * Outputs / best / 1e9;
    }

    private static bool IsTarget(TrainingOptions options, ExpectedTensor tensor) =>
        tensor.IsLayerMatrix && options.Lora.Targets.Any(target => tensor.Name.EndsWith($".{target}.weight", StringComparison.Ordinal));

    private static double StateBytes(TrainingOptions options, ExpectedTensor[] tensors, Func<ExpectedTensor, bool> trained, long count)
    {
        if (options.Method != TrainingMethod.Full)
        {
            return options.Optimizer.Kind switch { OptimizerKind.AdamW => 8, OptimizerKind.Sgd => 4, _ => 1 };
        }

        return tensors.Where(trained).Sum(tensor => Optimizer.StateBytes(options.Optimizer.Kind, tensor.Shape)) / (double)Math.Max(1, count);
    }

    // Quantization-aware training applies a copy of every matrix of the layers.
    private static long FrozenBytes(
        Checkpoint checkpoint, TrainingOptions options, ExpectedTensor[] tensors, Func<ExpectedTensor, bool> trained)
    {
        HashSet<string> names = [.. tensors.Where(trained).Select(tensor => tensor.Name)];
        long frozen = checkpoint.Tensors.Values.Where(tensor => !names.Contains(tensor.Name)).Sum(tensor => tensor.ByteLength);
        long copies = options.Quantization is null ? 0 : tensors.Where(tensor => tensor.IsLayerMatrix).Sum(tensor => tensor.Length) * sizeof(float);
        return frozen + copies;
    }

    // The values that the tape keeps of a layer, the gradients that live while a layer runs backward, and what lies outside of the layers.
    private static (long Layer, long Gradients, long Outside) ActivationFloats(Gemma3Config config, TrainingOptions options)
    {
        long hidden = config.HiddenSize, intermediate = config.IntermediateSize;
        long queries = (long)config.HeadCount * config.HeadDimension, keys = (long)config.KeyValueHeadCount * config.HeadDimension;
        long updates = options.Method == TrainingMethod.Lora ? (long)options.Lora.Rank * options.Lora.Targets.Count : 0;
        long layer = (8 * hidden) + (3 * queries) + (3 * keys) + (3 * intermediate) + config.HeadCount + updates;
        long gradients = (6 * hidden) + (3 * queries) + (3 * keys) + intermediate;
        long packing = 2 * Math.Max(intermediate, queries);
        return (layer, gradients, (5 * hidden) + packing);
    }

    // Two operations a weight forward, two for the gradient of the input, two for that of the weight; attention twice and a half as much
    // backward as forward.
    private static double Flops(
        Gemma3Config config, TrainingOptions options, ExpectedTensor[] tensors, Func<ExpectedTensor, bool> trained, long sequence)
    {
        double flops = tensors.Where(tensor => tensor.Shape.Length == 2).Sum(tensor => (trained(tensor) ? 6.0 : 4.0) * tensor.Length);
        double queries = config.HeadCount * config.HeadDimension;
        foreach (LayerSpec layer in config.Layers)
        {
            flops += 14 * queries * Math.Min(layer.Window ?? sequence, sequence / 2.0);
        }

        double recomputed = options.ActivationCheckpointing ? tensors.Where(tensor => tensor.IsLayerMatrix).Sum(tensor => 2.0 * tensor.Length) : 0;
        return flops + recomputed;
    }

    private sealed record ExpectedTensor(string Name, long[] Shape)
    {
        public long Length => Shape.Aggregate(1L, (product, size) => product * size);

        public bool IsLayerMatrix => Shape.Length == 2 && Name.Contains(".layers.", StringComparison.Ordinal);
    }
}
