using System.Runtime.InteropServices;

namespace Lapidary.Text.Data;

/// <summary>The tokens and labels of all examples, one after the other in two arrays.</summary>
internal sealed class ExampleStore
{
    // Keeps the arrays, which double as they grow, below the longest that .NET has.
    private const int MostTokens = 1 << 30;

    private readonly List<int> tokens = [];
    private readonly List<int> labels = [];
    private readonly List<int> starts = [0];
    private readonly List<string> files = [];
    private readonly List<(int File, int Line)> sources = [];

    /// <summary>Number of examples.</summary>
    public int Count => sources.Count;

    /// <summary>Begins a file; what is added next comes from there.</summary>
    public void BeginFile(string path) => files.Add(path);

    /// <summary>Adds an example of the file that was begun last.</summary>
    /// <exception cref="TrainingDataException">There are more tokens than can be kept.</exception>
    public void Add(ReadOnlySpan<int> exampleTokens, ReadOnlySpan<int> exampleLabels, int line)
    {
        if (exampleTokens.Length > MostTokens - tokens.Count)
        {
            throw new TrainingDataException(files[^1], $"brings the data to more than {MostTokens} tokens, which is more than can be kept");
        }

        CollectionExtensions.AddRange(tokens, exampleTokens);
        CollectionExtensions.AddRange(labels, exampleLabels);
        starts.Add(tokens.Count);
        sources.Add((files.Count - 1, line));
    }

    /// <summary>The tokens of an example.</summary>
    public ReadOnlySpan<int> Tokens(int example) => Part(tokens, example);

    /// <summary>The labels of an example.</summary>
    public ReadOnlySpan<int> Labels(int example) => Part(labels, example);

    /// <summary>Where an example comes from.</summary>
    public (string File, int Line) Source(int example) => (files[sources[example].File], sources[example].Line);

    /// <summary>Gives back what the arrays have grown too long.</summary>
    public void Trim()
    {
        tokens.TrimExcess();
        labels.TrimExcess();
    }

    private ReadOnlySpan<int> Part(List<int> all, int example) =>
        CollectionsMarshal.AsSpan(all)[starts[example]..starts[example + 1]];
}
