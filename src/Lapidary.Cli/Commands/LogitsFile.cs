using System.Runtime.InteropServices;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;

namespace Lapidary.Cli.Commands;

/// <summary>
/// The file that <c>logits</c> writes. Logits are the bulk and go to the disk as they come; activations come layer by layer within a
/// chunk, so they wait in memory until the logits are complete.
/// </summary>
internal sealed class LogitsFile : IDisposable
{
    private readonly SafetensorsWriter writer;
    private readonly Dictionary<ActivationName, float[]> activations = [];
    private readonly int tokens;
    private readonly CancellationToken cancellation;
    private readonly IProgress<double> progress;

    /// <summary>Begins the file with the tensor <c>logits</c> [tokens, vocabulary] and one [tokens, width] for each name.</summary>
    public LogitsFile(
        string path,
        int tokens,
        Gemma3Config config,
        ActivationName[] names,
        CancellationToken cancellation,
        IProgress<double> progress)
    {
        this.tokens = tokens;
        this.cancellation = cancellation;
        this.progress = progress;
        var tensors = new List<TensorDeclaration> { Declare("logits", tokens, config.VocabularySize) };
        foreach (ActivationName name in names)
        {
            int width = Width(name.Kind, config);
            activations.Add(name, new float[checked(tokens * width)]);
            tensors.Add(Declare(name.ToString(), tokens, width));
        }

        TensorNames = [.. tensors.Select(tensor => tensor.Name)];
        writer = new SafetensorsWriter(path, tensors);
    }

    /// <summary>Names of the tensors in the file.</summary>
    public IReadOnlyList<string> TensorNames { get; }

    /// <summary>Takes the logits of the next positions.</summary>
    public void Add(int firstPosition, int count, ReadOnlySpan<float> logits)
    {
        cancellation.ThrowIfCancellationRequested();
        writer.Write(MemoryMarshal.AsBytes(logits));
        progress.Report((double)(firstPosition + count) / tokens);
    }

    /// <summary>Takes an activation of the next positions.</summary>
    public void Observe(ActivationName name, int firstPosition, int width, ReadOnlySpan<float> values)
    {
        if (activations.TryGetValue(name, out float[]? kept))
        {
            values.CopyTo(kept.AsSpan(firstPosition * width));
        }
    }

    /// <summary>Adds the activations and gives the file its name.</summary>
    public void Complete()
    {
        foreach (float[] values in activations.Values)
        {
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        writer.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    private static TensorDeclaration Declare(string name, int rows, int columns) =>
        new(name, StoredType.Of(ElementType.F32), [rows, columns]);

    private static int Width(ActivationKind kind, Gemma3Config config) => kind switch
    {
        ActivationKind.Query or ActivationKind.AttentionHeads => config.HeadCount * config.HeadDimension,
        ActivationKind.Key or ActivationKind.Value => config.KeyValueHeadCount * config.HeadDimension,
        ActivationKind.FeedForwardGated => config.IntermediateSize,
        _ => config.HiddenSize,
    };
}
