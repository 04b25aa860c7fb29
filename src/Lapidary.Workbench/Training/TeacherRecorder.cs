using System.Globalization;
using System.Runtime.InteropServices;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Threading;
using Lapidary.Text.Data;
using Lapidary.Workbench.Training.Tape;

namespace Lapidary.Workbench.Training;

/// <summary>Runs a teacher over a data set and writes a <see cref="TeacherFile"/>.</summary>
public static unsafe class TeacherRecorder
{
    /// <summary>Writes the file.</summary>
    /// <param name="teacher">The model.</param>
    /// <param name="data">What it is asked.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="topTokens">Tokens that are kept of each target, at most the vocabulary.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops the work; nothing is left behind then.</param>
    /// <exception cref="CheckpointException">The teacher cannot be run, or the file cannot be written.</exception>
    public static void Record(
        Checkpoint teacher, TrainingData data, string path, int topTokens, int threads, IProgress<double>? progress, CancellationToken cancellation)
    {
        Gemma3Config config = Gemma3Config.From(teacher);
        config.Validate(teacher);
        int top = Math.Min(topTokens, config.VocabularySize);
        using var pool = new WorkerPool(threads);
        using var model = new TrainedModel(teacher, config);
        using var executor = new TapeExecutor(model, pool, checkpointing: false);
        var plan = new BatchPlan(data, batchSize: 1, gradientAccumulation: 1, data.LongestExample, pack: false, shuffle: false, seed: 0);
        long targets = data.TargetCount;
        TensorDeclaration[] tensors =
        [
            new("starts", StoredType.FromSafetensors("I64")!, [data.Count + 1]),
            new("tokens", StoredType.FromSafetensors("I32")!, [targets, top]),
            new("log_probabilities", StoredType.Of(ElementType.F32), [targets, top]),
        ];
        using Tensor row = Tensor.Allocate(ElementType.F32, config.VocabularySize);
        using var writer = new SafetensorsWriter(path, tensors, new Dictionary<string, string>
        {
            ["data_hash"] = data.Hash,
            ["top_tokens"] = top.ToString(CultureInfo.InvariantCulture),
            ["vocabulary_size"] = config.VocabularySize.ToString(CultureInfo.InvariantCulture),
        });
        var starts = new long[data.Count + 1];
        for (int example = 0; example < data.Count; example++)
        {
            starts[example + 1] = starts[example] + plan.Step(example).Batches[0].TargetCount;
        }

        writer.Write(MemoryMarshal.AsBytes(starts.AsSpan()));
        var values = new List<float[]>(data.Count);
        for (int example = 0; example < data.Count; example++)
        {
            cancellation.ThrowIfCancellationRequested();
            TapeBatch batch = TapeBatch.From(plan.Step(example).Batches[0]);
            (int[] ids, float[] logs) = Top(executor, batch, row, top);
            writer.Write(MemoryMarshal.AsBytes(ids.AsSpan()));
            values.Add(logs);
            progress?.Report((example + 1) / (double)data.Count);
        }

        values.ForEach(logs => writer.Write(MemoryMarshal.AsBytes(logs.AsSpan())));
        writer.Complete();
    }

    private static (int[] Ids, float[] LogProbabilities) Top(TapeExecutor executor, TapeBatch batch, Tensor row, int top)
    {
        var ids = new int[batch.TargetCount * top];
        var logs = new float[ids.Length];
        executor.KeepHidden(batch);
        Span<float> logits = row.AsFloats();
        var order = new int[logits.Length];
        var keys = new float[logits.Length];
        for (int target = 0; target < batch.TargetCount; target++)
        {
            executor.Unembed(target, 1, (float*)row.Data);
            double largest = System.Numerics.Tensors.TensorPrimitives.Max<float>(logits);
            double sum = 0;
            for (int id = 0; id < logits.Length; id++)
            {
                sum += Math.Exp(logits[id] - largest);
                order[id] = id;
                keys[id] = -logits[id];
            }

            Array.Sort(keys, order);
            double normaliser = largest + Math.Log(sum);
            for (int i = 0; i < top; i++)
            {
                ids[(target * top) + i] = order[i];
                logs[(target * top) + i] = (float)Math.Min(0, logits[order[i]] - normaliser);
            }
        }

        executor.ReleaseAll();
        return (ids, logs);
    }
}
