using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Inference.Sampling;
using Lapidary.Networks;
using Lapidary.Workbench.Evaluation.Comparison;
using Lapidary.Workbench.Recipes;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>What is known of the files of a folder that a card is written for.</summary>
internal sealed class CardFacts
{
    private const string Embedding = "model.embed_tokens.weight";

    private CardFacts(string folder, ModelCardOptions options)
    {
        Folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        Options = options;
        Name = Path.GetFileName(Folder);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What was asked for.</summary>
    public ModelCardOptions Options { get; }

    /// <summary>The name of the folder.</summary>
    public string Name { get; }

    /// <summary>Whether there is a checkpoint with weights of its own.</summary>
    public bool HasCheckpoint { get; private init; }

    /// <summary>Whether there is an adapter.</summary>
    public bool HasAdapter { get; private init; }

    /// <summary>The GGUF files, by name.</summary>
    public required IReadOnlyList<string> GgufFiles { get; init; }

    /// <summary>The sizes of the network; null where there is an adapter alone.</summary>
    public Gemma3Config? Config { get; private init; }

    /// <summary>Parameters of the embedding, which is the output matrix too.</summary>
    public long EmbeddingParameters { get; private init; }

    /// <summary>All other parameters.</summary>
    public long OtherParameters { get; private init; }

    /// <summary>Whether the model was tuned on turns.</summary>
    public bool HasTurns { get; private init; }

    /// <summary>How it wants to be sampled.</summary>
    public SamplingOptions Sampling { get; private init; } = SamplingOptions.Greedy;

    /// <summary>Where it comes from; null where that was not recorded.</summary>
    public Lineage? Lineage { get; private init; }

    /// <summary>The lineages that lead to it, the first made first; its own is the last.</summary>
    public required IReadOnlyList<Lineage> Chain { get; init; }

    /// <summary>The model that it was made from in the end: what was downloaded, or comes along; null where that is not known.</summary>
    public string? BaseName { get; private init; }

    /// <summary>The front matter of the base's card; empty where there is none.</summary>
    public JsonObject BaseFrontMatter { get; private init; } = [];

    /// <summary>The card of the base; null where there is none.</summary>
    public string? BaseCard { get; private init; }

    /// <summary>Evaluations against the base; null where there are none.</summary>
    public ComparisonResult? Comparison { get; private init; }

    /// <summary>Gathers them.</summary>
    /// <exception cref="CheckpointException">The folder has no model in it, or a file is not valid.</exception>
    public static CardFacts Of(string folder, ModelCardOptions options, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
        {
            throw new CheckpointException(folder, "is no folder with a model, an adapter or GGUF files");
        }

        string[] gguf = [.. Directory.EnumerateFiles(folder, "*.gguf").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        bool hasCheckpoint = File.Exists(Path.Combine(folder, "config.json"));
        bool hasAdapter = File.Exists(Path.Combine(folder, PeftAdapter.ConfigFile));
        if (!hasCheckpoint && !hasAdapter && gguf.Length == 0)
        {
            throw new CheckpointException(folder, "has no model, no adapter and no GGUF file in it");
        }

        string? model = hasCheckpoint ? folder : gguf.Length > 0 ? Path.Combine(folder, gguf[0]) : null;
        Lineage? lineage = Recipes.Lineage.Of(folder) ?? (gguf.Length > 0 ? Recipes.Lineage.Of(Path.Combine(folder, gguf[0])) : null);
        while (lineage is { Command: "card" })
        {
            // A card that was written into a copy made nothing but the copy.
            lineage = lineage.Inputs.FirstOrDefault(input => input.Option == "model")?.Lineage;
        }

        IReadOnlyList<Lineage> chain = lineage is null ? [] : ChainOf(lineage);
        string? baseName = RootOf(lineage);
        string? baseCard = baseName is not null && options.FindModel(baseName) is { } found && Directory.Exists(found) ? Path.Combine(found, "README.md") : null;
        using Checkpoint? checkpoint = model is null ? null : Checkpoint.Open(model);
        long embedding = checkpoint is not null && checkpoint.Tensors.TryGetValue(Embedding, out TensorInfo? table) ? table.Length : 0;
        return new CardFacts(folder, options)
        {
            HasCheckpoint = hasCheckpoint,
            HasAdapter = hasAdapter,
            GgufFiles = gguf,
            Config = checkpoint is null ? null : Gemma3Config.From(checkpoint),
            EmbeddingParameters = embedding,
            OtherParameters = checkpoint is null ? 0 : checkpoint.Tensors.Values.Sum(tensor => tensor.Length) - embedding,
            HasTurns = model is not null && Text.ChatTemplate.Find(model)?.Source.Contains("<start_of_turn>", StringComparison.Ordinal) == true,
            Sampling = checkpoint is null ? SamplingOptions.Greedy : GenerationDefaults.Read(checkpoint).Sampling,
            Lineage = lineage,
            Chain = chain,
            BaseName = baseName is null ? null : NameOf(baseName),
            BaseCard = File.Exists(baseCard) ? baseCard : null,
            BaseFrontMatter = File.Exists(baseCard) ? FrontMatter.Read(baseCard) : [],
            Comparison = options.Results.Count < 2 ? null : ModelComparison.Compare(
                options.Results, new ComparisonOptions { Base = options.Base, Alpha = options.Alpha }, cancellation),
        };
    }

    // Each lineage behind those of its inputs, none twice.
    private static List<Lineage> ChainOf(Lineage lineage)
    {
        var chain = new List<Lineage>();
        Add(lineage);
        return chain;

        void Add(Lineage one)
        {
            foreach (LineageInput input in one.Inputs)
            {
                if (input.Lineage is { } inner)
                {
                    Add(inner);
                }
            }

            if (!chain.Exists(known => known.Command == one.Command && known.Files.SequenceEqual(one.Files)))
            {
                chain.Add(one);
            }
        }
    }

    // A hub id or the name of a model that comes along as it is; of a path of this machine the last part.
    private static string NameOf(string model) =>
        Path.IsPathRooted(model) || model.StartsWith('.') || Directory.Exists(model) || File.Exists(model)
            ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model)))
            : model;

    private static string? RootOf(Lineage? lineage)
    {
        LineageInput? model = lineage?.Inputs.FirstOrDefault(input => input.Option is "model" or "student");
        return model is null ? null : RootOf(model.Lineage) ?? model.Value;
    }
}
