using System.Text.Json.Nodes;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Where a run stands, apart from its tensors: what <c>trainer_state.json</c> of a checkpoint holds. Random numbers and the order of the
/// data are functions of <see cref="Seed"/> and <see cref="Step"/>, so the two are the whole random state.
/// </summary>
public sealed record TrainingState
{
    /// <summary>Steps of the optimizer that are done.</summary>
    public required long Step { get; init; }

    /// <summary>Passes over the data that are complete.</summary>
    public long Epoch { get; init; }

    /// <summary>Tokens that the network has seen.</summary>
    public long Tokens { get; init; }

    /// <summary>Seconds that the run has taken so far, over all its processes.</summary>
    public double Seconds { get; init; }

    /// <summary>The lowest validation loss so far in nats per token; infinity where nothing was validated yet.</summary>
    public double BestValidationLoss { get; init; } = double.PositiveInfinity;

    /// <summary>The step of <see cref="BestValidationLoss"/>, or null.</summary>
    public long? BestStep { get; init; }

    /// <summary>The seed of the run.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// The options that decide what is computed: method, learning rate, schedule, total steps, batch, and whatever else a resumed run must
    /// agree with. Options that may change freely do not belong here, see <see cref="FreeOptions"/>.
    /// </summary>
    public required JsonObject Options { get; init; }

    /// <summary>The hash of the training data.</summary>
    public required string DataHash { get; init; }

    /// <summary>What identifies the weights that the run began with; empty for a run from scratch.</summary>
    public string BaseHash { get; init; } = string.Empty;

    /// <summary>The version of the program that wrote the checkpoint; for the reader, never compared.</summary>
    public string ProgramVersion { get; init; } = string.Empty;

    /// <summary>What else the run keeps: running sums for the progress line, the state of its guard.</summary>
    public JsonObject Extra { get; init; } = [];

    /// <summary>
    /// Names of options that a resumed run may change: they decide how fast it computes and what it reports, never what it computes.
    /// <see cref="CheckResume"/> passes over them should they stand in the options.
    /// </summary>
    public static IReadOnlySet<string> FreeOptions { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "threads", "keep_last", "keep_best", "save_steps", "eval_steps", "logging_steps", "activation_checkpointing", "verbose", "json", "output",
    };

    /// <summary>Refuses to go on from this state with anything else than the run was begun with.</summary>
    /// <param name="path">The checkpoint, named in errors.</param>
    /// <param name="options">The options of the run that wants to resume.</param>
    /// <param name="dataHash">The hash of its training data.</param>
    /// <param name="baseHash">The hash of its base.</param>
    /// <param name="seed">Its seed.</param>
    /// <exception cref="CheckpointException">Something differs; the message names the first difference and both values.</exception>
    public void CheckResume(string path, JsonObject options, string dataHash, string baseHash, ulong seed)
    {
        foreach ((string name, JsonNode? asked) in options)
        {
            if (!FreeOptions.Contains(name) && !JsonNode.DeepEquals(Options[name], asked))
            {
                throw Differs(path, name, Describe(Options[name]), Describe(asked));
            }
        }

        foreach ((string name, JsonNode? kept) in Options)
        {
            if (!FreeOptions.Contains(name) && kept is not null && !options.ContainsKey(name))
            {
                throw Differs(path, name, Describe(kept), Describe(null));
            }
        }

        Check(path, "seed", $"{Seed}", $"{seed}");
        Check(path, "the hash of the training data", DataHash, dataHash);
        Check(path, "the hash of the base model", BaseHash, baseHash);
    }

    private static void Check(string path, string what, string kept, string asked)
    {
        if (kept != asked)
        {
            throw Differs(path, what, kept.Length == 0 ? "none" : kept, asked.Length == 0 ? "none" : asked);
        }
    }

    private static CheckpointException Differs(string path, string what, string kept, string asked) =>
        new(path, $"cannot be resumed: {what} is {asked}, and the run was begun with {kept}");

    private static string Describe(JsonNode? value) => value?.ToJsonString() ?? "not given";
}
