using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Numerics;
using Lapidary.Text;

namespace Lapidary.Workbench.Training;

/// <summary>Prompt tuning: vectors in front of every document, in the space of the scaled embeddings, as PEFT has them.</summary>
internal sealed class PromptParameters(TrainingOptions options, Tokenizer? tokenizer, string baseModel) : TunedParameters
{
    private const string TensorName = "prompt_embeddings";

    public override string CheckpointFile => PeftAdapter.WeightsFile;

    public override void AttachTo(TrainedModel model)
    {
        Tensor value = options.Adapter is string folder ? Read(folder, model) : Initialise(model);
        model.TrainSoftPrompt(new Parameter(TensorName, value));
    }

    public override IReadOnlyList<(string Name, byte[] Content)> Companions(TrainedModel model) =>
        [(PeftAdapter.ConfigFile, JsonBytes.Of(Config(model).ToJson()))];

    public override void Write(TrainedModel model, OutputFolder output, CancellationToken cancellation) =>
        PeftAdapter.Save(output, Config(model), model.SoftPrompt!.Value);

    private static Tensor Read(string folder, TrainedModel model)
    {
        using PeftAdapter adapter = PeftAdapter.Open(folder);
        adapter.CheckAgainst(model.Checkpoint);
        return adapter.PromptEmbeddings is { } embeddings
            ? TensorConversion.Convert(embeddings, ElementType.F32)
            : throw new CheckpointException(folder, "is an adapter of another kind than prompt tuning");
    }

    private PromptTuningConfig Config(TrainedModel model) => new()
    {
        VirtualTokens = (int)model.SoftPrompt!.Value.Rows,
        TokenDimension = model.Config.HiddenSize,
        HeadCount = model.Config.HeadCount,
        LayerCount = model.Config.LayerCount,
        Initialization = options.Prompt.Initialization switch
        {
            PromptInitialization.Text => "TEXT",
            PromptInitialization.Vocabulary => "SAMPLE_VOCAB",
            _ => "RANDOM",
        },
        InitializationText = options.Prompt.Text,
        Tokenizer = options.Prompt.Text is null ? null : baseModel,
        BaseModel = baseModel,
    };

    // PEFT copies what the embedding module gives: rows times sqrt(hidden). Its random vectors have a deviation of 1, far from those rows
    // in a small model; ours have the deviation of the scaled embeddings.
    private Tensor Initialise(TrainedModel model)
    {
        int hidden = model.Config.HiddenSize;
        Tensor value = Tensor.Allocate(ElementType.F32, options.Prompt.VirtualTokens, hidden);
        Tensor table = model.Checkpoint.GetTensor("model.embed_tokens.weight");
        float scale = MathF.Sqrt(hidden);
        var random = new SplitMix64(options.Seed);
        int[]? text = options.Prompt.Initialization == PromptInitialization.Text
            ? (tokenizer ?? throw new ArgumentException("A text to begin with needs a tokenizer.")).Encode(options.Prompt.Text ?? string.Empty)
            : null;
        for (int i = 0; i < options.Prompt.VirtualTokens; i++)
        {
            Span<float> row = value.AsFloats().Slice(i * hidden, hidden);
            if (options.Prompt.Initialization != PromptInitialization.Random)
            {
                table.DecodeRow(text is not null ? text[i % text.Length] : random.NextInt(model.Config.VocabularySize), row);
                foreach (ref float element in row)
                {
                    element *= scale;
                }
            }
            else
            {
                FillNormal(row, ref random, Deviation(table) * scale);
            }
        }

        return value;
    }

    private static double Deviation(Tensor table)
    {
        var row = new float[table.RowLength];
        double squares = 0;
        long rows = Math.Min(table.Rows, 4096);
        for (long i = 0; i < rows; i++)
        {
            table.DecodeRow(i, row);
            foreach (float element in row)
            {
                squares += (double)element * element;
            }
        }

        return Math.Sqrt(squares / (rows * row.Length));
    }

    private static void FillNormal(Span<float> row, ref SplitMix64 random, double deviation)
    {
        foreach (ref float element in row)
        {
            // Box and Muller; 1 - u is never zero.
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            element = (float)(deviation * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
    }
}
