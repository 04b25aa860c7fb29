using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lapidary.Numerics;

namespace Lapidary.Checkpoints.Adapters;

/// <summary>
/// An adapter as PEFT writes it: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>, a LoRA or a tuned prompt. What it says
/// is checked when it is opened, its numbers are held as F32; whatever would change the result and is not supported is refused by name.
/// </summary>
public sealed partial class PeftAdapter : IDisposable
{
    /// <summary>The name of the file with the configuration.</summary>
    public const string ConfigFile = "adapter_config.json";

    /// <summary>The name of the file with the tensors.</summary>
    public const string WeightsFile = "adapter_model.safetensors";

    private const string PromptTensor = "prompt_embeddings";
    private const long DimensionLimit = 1 << 22;

    private readonly List<Tensor> tensors = [];
    private readonly OrderedDictionary<string, LoraPair> pairs = new(StringComparer.Ordinal);

    private PeftAdapter(string path)
    {
        Path = path;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The configuration of a LoRA, or null.</summary>
    public LoraConfig? Lora { get; private init; }

    /// <summary>The configuration of a tuned prompt, or null.</summary>
    public PromptTuningConfig? Prompt { get; private init; }

    /// <summary>The updates by the canonical name of their weight; none for a tuned prompt. They live as long as the adapter.</summary>
    public IReadOnlyDictionary<string, LoraPair> Pairs => pairs;

    /// <summary>The vectors of a tuned prompt [virtual tokens, hidden], F32, in the space of the scaled embeddings; null for a LoRA.</summary>
    public Tensor? PromptEmbeddings { get; private set; }

    /// <summary>Whether a folder holds an adapter rather than a model.</summary>
    public static bool IsAdapter(string folder) => File.Exists(System.IO.Path.Combine(folder, ConfigFile));

    /// <summary>Opens a folder.</summary>
    /// <exception cref="CheckpointException">A file is missing or not valid, or the adapter is of a kind that is not supported.</exception>
    public static PeftAdapter Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            throw new CheckpointException(folder, File.Exists(folder) ? "is a file where the folder of an adapter was expected" : "does not exist");
        }

        string configPath = System.IO.Path.Combine(folder, ConfigFile);
        JsonElement json = JsonFile.Read(configPath);
        var fields = new ConfigFields(json, configPath, string.Empty);
        string kind = fields.FindText("peft_type") ?? throw fields.Missing("peft_type");
        PeftAdapter adapter = kind switch
        {
            "LORA" => new PeftAdapter(folder) { Lora = LoraConfig.Parse(json, configPath) },
            "PROMPT_TUNING" => new PeftAdapter(folder) { Prompt = PromptTuningConfig.Parse(json, configPath) },
            _ => throw fields.Unsupported("peft_type", $"\"{kind}\"", "\"LORA\" or \"PROMPT_TUNING\""),
        };
        try
        {
            adapter.ReadTensors();
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Checks that the adapter fits a model: every weight that it updates is there, with the shape that the update has.</summary>
    /// <exception cref="CheckpointException">It was made for another model.</exception>
    public void CheckAgainst(Checkpoint model)
    {
        ArgumentNullException.ThrowIfNull(model);
        foreach (LoraPair pair in pairs.Values)
        {
            // An output matrix that is tied to the embedding is not stored.
            bool known = model.Tensors.TryGetValue(pair.WeightName, out TensorInfo? weight)
                || (pair.WeightName == TensorNames.Output && model.Tensors.TryGetValue(TensorNames.Embedding, out weight));
            if (!known)
            {
                throw new CheckpointException(Path, $"has an update of {pair.WeightName}, which the model {model.Path} does not have");
            }

            ImmutableArray<long> expected = [pair.B.Rows, pair.A.RowLength];
            if (!weight!.Shape.SequenceEqual(expected))
            {
                throw new CheckpointException(
                    Path,
                    $"has an update of shape {TensorInfo.Describe(expected.AsSpan())} for {pair.WeightName}, which has the shape "
                    + $"{TensorInfo.Describe(weight.Shape.AsSpan())} in the model {model.Path}");
            }
        }

        if (PromptEmbeddings is not null
            && model.Tensors.TryGetValue(TensorNames.Embedding, out TensorInfo? table)
            && table.Shape[^1] != PromptEmbeddings.RowLength)
        {
            throw new CheckpointException(
                Path, $"has virtual tokens of width {PromptEmbeddings.RowLength} where the model {model.Path} has a width of {table.Shape[^1]}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in tensors)
        {
            tensor.Dispose();
        }
    }

    /// <summary>Refuses adapters for other things than continuing text: they come with a head of their own.</summary>
    internal static void RefuseOtherTask(ConfigFields fields)
    {
        if (fields.FindText("task_type") is string task and not "CAUSAL_LM")
        {
            throw fields.Unsupported("task_type", $"\"{task}\"", "\"CAUSAL_LM\"");
        }
    }

    private void ReadTensors()
    {
        string path = System.IO.Path.Combine(Path, WeightsFile);
        if (!File.Exists(path) && File.Exists(System.IO.Path.Combine(Path, "adapter_model.bin")))
        {
            throw new CheckpointException(Path, $"has no {WeightsFile}; weights in adapter_model.bin are not read");
        }

        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (Lora is not null)
        {
            ReadPairs(file, Lora);
        }
        else
        {
            ReadPrompt(file, Prompt!);
        }
    }

    private void ReadPrompt(SafetensorsFile file, PromptTuningConfig config)
    {
        foreach (string other in file.Tensors.Keys.Where(name => name != PromptTensor))
        {
            throw new CheckpointException(file.Path, $"holds the tensor {other}, which is no part of prompt tuning");
        }

        PromptEmbeddings = Read(file, PromptTensor, [config.VirtualTokens, config.TokenDimension]);
    }

    private void ReadPairs(SafetensorsFile file, LoraConfig config)
    {
        foreach (string module in Modules(file))
        {
            try
            {
                LoraPair pair = ReadPair(file, config, module);
                if (!pairs.TryAdd(pair.WeightName, pair))
                {
                    throw new CheckpointException(file.Path, $"holds two updates of {pair.WeightName}");
                }
            }
            catch (RegexMatchTimeoutException thrown)
            {
                throw new CheckpointException(
                    System.IO.Path.Combine(Path, ConfigFile), $"has a pattern of modules that takes too long: \"{thrown.Pattern}\"", thrown);
            }
        }

        if (pairs.Count == 0)
        {
            throw new CheckpointException(file.Path, "holds no tensors where those of a LoRA were expected");
        }
    }

    private LoraPair ReadPair(SafetensorsFile file, LoraConfig config, string module)
    {
        if (!config.IsTarget(module))
        {
            throw new CheckpointException(
                file.Path, $"holds an update of {module}, which is not among the target_modules of {ConfigFile}");
        }

        string weight = TensorNames.FromHuggingFace(module + ".weight");
        if (weight == TensorNames.Embedding)
        {
            throw new CheckpointException(file.Path, "holds an update of the embedding, which is not supported");
        }

        int rank = config.RankOf(module);
        long inputs = Dimension(file, PeftNames.A(module), 1);
        long outputs = Dimension(file, PeftNames.B(module), 0);
        string magnitude = PeftNames.Magnitude(module);
        if (!file.Tensors.ContainsKey(magnitude))
        {
            magnitude += ".weight";
        }

        bool hasMagnitude = file.Tensors.ContainsKey(magnitude);
        if (hasMagnitude != config.UseDora)
        {
            throw new CheckpointException(
                file.Path,
                hasMagnitude
                    ? $"holds {magnitude} where {ConfigFile} does not say use_dora"
                    : $"has no tensor {PeftNames.Magnitude(module)}, which {ConfigFile} asks for with use_dora");
        }

        return new LoraPair(
            weight,
            Read(file, PeftNames.A(module), [rank, inputs]),
            Read(file, PeftNames.B(module), [outputs, rank]),
            hasMagnitude ? Read(file, magnitude, [outputs]) : null,
            config.ScaleOf(module))
        {
            Module = module,
        };
    }

    // The modules of a file in the order of its tensors, once each; a tensor that belongs to none is refused.
    private static IEnumerable<string> Modules(SafetensorsFile file) => file.Tensors.Keys
        .Select(name => PeftNames.ModuleOf(name)
            ?? throw new CheckpointException(file.Path, $"holds the tensor {name}, which is no part of a LoRA that is supported"))
        .Distinct(StringComparer.Ordinal);

    private static long Dimension(SafetensorsFile file, string name, int index)
    {
        TensorInfo info = Find(file, name);
        return info.Shape.Length == 2 && info.Shape[index] is > 0 and <= DimensionLimit
            ? info.Shape[index]
            : throw new CheckpointException(
                file.Path,
                $"tensor {name} has the shape {TensorInfo.Describe(info.Shape.AsSpan())} where two dimensions of 1 to {DimensionLimit} were expected");
    }

    private static TensorInfo Find(SafetensorsFile file, string name) =>
        file.Tensors.TryGetValue(name, out TensorInfo? info) ? info : throw new CheckpointException(file.Path, $"has no tensor {name}");

    private Tensor Read(SafetensorsFile file, string name, ReadOnlySpan<long> shape)
    {
        TensorInfo info = Find(file, name);
        if (!info.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new CheckpointException(
                file.Path,
                $"tensor {name} has the shape {TensorInfo.Describe(info.Shape.AsSpan())} where {TensorInfo.Describe(shape)} was expected");
        }

        Tensor stored = file.GetTensor(name);
        Tensor tensor = Tensor.Allocate(ElementType.F32, shape);
        tensors.Add(tensor);
        for (long row = 0; row < tensor.Rows; row++)
        {
            Span<float> values = RowOf(tensor, row);
            stored.DecodeRow(row, values);
            if (FloatEncoder.IsNotFinite(FloatEncoder.LargestMagnitude(values)))
            {
                throw new CheckpointException(file.Path, $"tensor {name} holds a value that is not finite");
            }
        }

        return tensor;
    }

    private static unsafe Span<float> RowOf(Tensor tensor, long row) => new(tensor.RowPointer(row), (int)tensor.RowLength);
}
