using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Workbench.Compression;

namespace Lapidary.Workbench.Training;

/// <summary>Full fine-tuning: the tensors of the network themselves, but those whose names match a pattern.</summary>
internal sealed class FullParameters(TrainingOptions options, WorkerPool pool) : TunedParameters
{
    // From here on a matrix counts as pruned: chance leaves no twentieth of a matrix at exactly zero.
    private const double PrunedShare = 0.05;

    private readonly Dictionary<string, Tensor> quantized = new(StringComparer.Ordinal);

    public override string CheckpointFile => "model.safetensors";

    /// <summary>Names of the matrices whose zeros are kept.</summary>
    public List<string> Masked { get; } = [];

    /// <summary>The matrices that are pruned in the course of the run.</summary>
    public List<Parameter> Pruned { get; } = [];

    public override void AttachTo(TrainedModel model)
    {
        TensorSelection? selection = options.Pruning is { } pruning ? new TensorSelection(pruning.Tensors, []) : null;
        ElementType type = options.Storage == WeightStorage.BF16 ? ElementType.BF16 : ElementType.F32;
        foreach (string name in model.Network.TensorNames)
        {
            if (options.IsFrozen(name))
            {
                continue;
            }

            var parameter = new Parameter(name, TensorConversion.Convert(model.Checkpoint.GetTensor(name), type));
            model.Train(parameter);
            if (options.KeepZeros && parameter.Decays && IsPruned(parameter.Value))
            {
                parameter.HoldZeros();
                Masked.Add(name);
            }

            if (parameter.Decays && selection?.Matches(name) == true)
            {
                Pruned.Add(parameter);
            }

            if (options.Quantization is QuantizationAwareFormat format && IsQuantized(parameter))
            {
                FakeQuantizeBeforeEachStep(model, parameter, format);
            }
        }

        if (model.Parameters.Count == 0)
        {
            throw new ArgumentException($"All tensors are frozen by the patterns {string.Join(", ", options.Freeze)}.");
        }

        if (selection is not null && Pruned.Count == 0)
        {
            string patterns = selection.Include.Count == 0 ? "the linear layers of the decoder" : string.Join(", ", selection.Include);
            throw new ArgumentException($"No matrix that is trained is among those to be pruned, {patterns}.");
        }
    }

    // Frozen tensors too, so that the folder of a checkpoint is a model that can be run.
    public override IReadOnlyList<(string Name, Tensor Tensor)> CheckpointTensors(TrainedModel model)
    {
        Dictionary<string, Tensor> trained = model.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
        return [.. model.Network.TensorNames.Select(name => (name, trained.GetValueOrDefault(name) ?? model.Checkpoint.GetTensor(name)))];
    }

    public override IReadOnlyList<(string Name, byte[] Content)> Companions(TrainedModel model)
    {
        var files = new List<(string, byte[])>();
        if (model.Checkpoint is HuggingFaceFolder folder)
        {
            foreach (string name in HuggingFaceFolder.TokenizerFiles.Append("generation_config.json"))
            {
                if (File.Exists(folder.PathOf(name)))
                {
                    files.Add((name, File.ReadAllBytes(folder.PathOf(name))));
                }
            }
        }

        files.Add(("config.json", Encoding.UTF8.GetBytes(model.Config.ToHuggingFace(ElementType.F32).ToJsonString())));
        return files;
    }

    /// <summary>
    /// A Hugging Face folder. After quantization-aware training the matrices hold the very numbers that the quantized form decodes to, so
    /// that quantizing them loses nothing; that takes float32.
    /// </summary>
    public override void Write(TrainedModel model, OutputFolder output, CancellationToken cancellation)
    {
        ElementType? type = options.Quantization is not null ? ElementType.F32 : options.Storage switch
        {
            WeightStorage.F32 => ElementType.F32,
            WeightStorage.BF16 => ElementType.BF16,
            _ => null,
        };
        Dictionary<string, Tensor> trained = model.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
        foreach ((string name, Tensor tensor) in quantized)
        {
            trained[name] = tensor;
        }

        CheckpointConverter.WriteHuggingFace(
            model.Checkpoint, output, type, name => trained.GetValueOrDefault(name), cancellationToken: cancellation);
    }

    private static bool IsPruned(Tensor tensor)
    {
        var row = new float[tensor.RowLength];
        long zeros = 0;
        for (long i = 0; i < tensor.Rows; i++)
        {
            tensor.DecodeRow(i, row);
            zeros += row.AsSpan().Count(0f);
        }

        return zeros >= PrunedShare * tensor.Length;
    }

    // The matrices of the layers; GGUF's mixes keep the embedding wider, and so does Gemma's own quantization-aware training.
    private static bool IsQuantized(Parameter parameter) =>
        parameter.Decays && parameter.Name.Contains(".layers.", StringComparison.Ordinal);

    private unsafe void FakeQuantizeBeforeEachStep(TrainedModel model, Parameter parameter, QuantizationAwareFormat format)
    {
        Tensor value = parameter.Value;
        if (value.Type != ElementType.F32)
        {
            throw new ArgumentException("Quantization-aware training needs weights in float32.");
        }

        Tensor applied = Tensor.Allocate(ElementType.F32, value.Shape.AsSpan());
        quantized.Add(parameter.Name, applied);
        model.Own(applied);
        model.Matrix(model.Network.WeightOf(parameter.Name)).Applied = applied;
        model.Refreshing.Add(() =>
        {
            if (format == QuantizationAwareFormat.Q4_0)
            {
                FakeQuantize.Q4_0(pool, (float*)value.Data, (float*)applied.Data, value.Rows, value.RowLength);
            }
            else
            {
                FakeQuantize.Int4PerChannel(pool, (float*)value.Data, (float*)applied.Data, value.Rows, value.RowLength);
            }
        });
    }
}
