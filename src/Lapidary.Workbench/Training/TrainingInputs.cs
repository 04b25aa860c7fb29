using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Text;
using Lapidary.Text.Data;

namespace Lapidary.Workbench.Training;

/// <summary>What a run works on.</summary>
public sealed record TrainingInputs
{
    /// <summary>The model that is trained; it must outlive the trainer.</summary>
    public required Checkpoint Checkpoint { get; init; }

    /// <summary>Its configuration, checked.</summary>
    public required Gemma3Config Config { get; init; }

    /// <summary>What adapters name as their base.</summary>
    public required string BaseName { get; init; }

    /// <summary>The hash of its weights, compared on resume.</summary>
    public required string BaseHash { get; init; }

    /// <summary>The examples.</summary>
    public required TrainingData Data { get; init; }

    /// <summary>Examples that are not trained on, or null.</summary>
    public TrainingData? Validation { get; init; }

    /// <summary>What a distillation learns from; it must outlive the trainer.</summary>
    public Checkpoint? Teacher { get; init; }

    /// <summary>What a teacher said of <see cref="Data"/>, in the place of <see cref="Teacher"/>; it must outlive the trainer.</summary>
    public TeacherFile? StoredTeacher { get; init; }

    /// <summary>Needed for a soft prompt that begins with a text.</summary>
    public Tokenizer? Tokenizer { get; init; }

    /// <summary>The folder of the run.</summary>
    public required string RunFolder { get; init; }
}
