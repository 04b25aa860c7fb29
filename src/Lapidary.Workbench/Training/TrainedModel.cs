using Lapidary.Checkpoints;
using Lapidary.Networks;

namespace Lapidary.Workbench.Training;

/// <summary>
/// A network and what of it is trained. The checkpoint stays mapped: frozen weights are read where they lie, and only what is trained is
/// copied.
/// </summary>
internal sealed class TrainedModel : IDisposable
{
    private readonly Dictionary<string, TrainedMatrix> matrices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TrainedNorm> norms = new(StringComparer.Ordinal);
    private readonly List<Parameter> parameters = [];
    private readonly List<IDisposable> owned = [];
    private readonly Checkpoint checkpoint;

    /// <summary>Wraps a checkpoint; nothing is trained yet.</summary>
    /// <param name="checkpoint">Must outlive the model.</param>
    /// <param name="config">Its configuration, checked.</param>
    public TrainedModel(Checkpoint checkpoint, Gemma3Config config)
    {
        this.checkpoint = checkpoint;
        Config = config;
        Network = new Gemma3Network(checkpoint, config);
    }

    public Checkpoint Checkpoint => checkpoint;

    public Gemma3Config Config { get; }

    public Gemma3Network Network { get; }

    /// <summary>What is trained, in the order in which it was added.</summary>
    public IReadOnlyList<Parameter> Parameters => parameters;

    /// <summary>Rows in front of every document [virtual tokens, hidden], if they are trained.</summary>
    public Parameter? SoftPrompt { get; private set; }

    /// <summary>Called before the first and after every step: what is computed from the parameters once a step.</summary>
    public List<Action> Refreshing { get; } = [];

    /// <summary>The matrix that training applies in the place of a weight.</summary>
    public TrainedMatrix Matrix(Weight weight)
    {
        if (!matrices.TryGetValue(weight.Name, out TrainedMatrix? matrix))
        {
            matrices.Add(weight.Name, matrix = new TrainedMatrix(weight));
        }

        return matrix;
    }

    /// <summary>The norm that training applies in the place of a weight.</summary>
    public TrainedNorm Norm(NormWeight weight)
    {
        if (!norms.TryGetValue(weight.Name, out TrainedNorm? norm))
        {
            norms.Add(weight.Name, norm = new TrainedNorm(weight));
        }

        return norm;
    }

    /// <summary>Trains a tensor of the network.</summary>
    public void Train(Parameter parameter)
    {
        parameters.Add(parameter);
        if (parameter.Value.Shape.Length == 1)
        {
            Norm(Network.NormOf(parameter.Name)).Train(parameter, checkpoint.NormsIncludeOne);
        }
        else
        {
            TrainedMatrix matrix = Matrix(Network.WeightOf(parameter.Name));
            matrix.Own = parameter;
            matrix.Applied = parameter.Value;
        }
    }

    /// <summary>Trains a low-rank update of a matrix.</summary>
    public void Train(string weightName, TrainedUpdate update)
    {
        TrainedMatrix matrix = Matrix(Network.WeightOf(weightName));
        matrix.Update = update;
        parameters.Add(update.A);
        parameters.Add(update.B);
        if (update.Magnitude is { } magnitude)
        {
            parameters.Add(magnitude);
            Refreshing.Add(() => update.Refresh(matrix.Applied));
        }
    }

    /// <summary>Trains rows in front of every document.</summary>
    public void TrainSoftPrompt(Parameter prompt)
    {
        SoftPrompt = prompt;
        parameters.Add(prompt);
    }

    /// <summary>Makes the model dispose of something with itself.</summary>
    public void Own(IDisposable part) => owned.Add(part);

    /// <summary>Computes what depends on the parameters again.</summary>
    public void Refresh()
    {
        foreach (TrainedNorm norm in norms.Values)
        {
            norm.Refresh();
        }

        Refreshing.ForEach(refresh => refresh());
    }

    public void Dispose()
    {
        foreach (Parameter parameter in parameters)
        {
            parameter.Dispose();
        }

        foreach (TrainedNorm norm in norms.Values)
        {
            norm.Dispose();
        }

        owned.ForEach(part => part.Dispose());
        Network.Dispose();
    }
}
