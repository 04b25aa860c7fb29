using Lapidary.Checkpoints;
using Lapidary.Numerics;

namespace Lapidary.Workbench.Training;

/// <summary>One way of tuning: which parameters a model gets, and how they are written.</summary>
internal abstract class TunedParameters
{
    /// <summary>The name of the file of a checkpoint that holds the parameters.</summary>
    public abstract string CheckpointFile { get; }

    /// <summary>Adds the parameters to a model.</summary>
    public abstract void AttachTo(TrainedModel model);

    /// <summary>The tensors of <see cref="CheckpointFile"/>: what is trained, and whatever else makes the file complete.</summary>
    public virtual IReadOnlyList<(string Name, Tensor Tensor)> CheckpointTensors(TrainedModel model) =>
        [.. model.Parameters.Select(parameter => (parameter.Name, parameter.Value))];

    /// <summary>Files that make a checkpoint of the run complete: configuration, tokenizer.</summary>
    public abstract IReadOnlyList<(string Name, byte[] Content)> Companions(TrainedModel model);

    /// <summary>Writes the finished model or adapter.</summary>
    public abstract void Write(TrainedModel model, OutputFolder output, CancellationToken cancellation);
}
