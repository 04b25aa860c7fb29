namespace Lapidary.Text.Data;

/// <summary>
/// Documents that go through the network together, one after the other without padding. Attention and positions are those of each document
/// by itself.
/// </summary>
public sealed class TrainingBatch
{
    /// <summary>Puts examples one after the other.</summary>
    /// <param name="data">The data.</param>
    /// <param name="examples">Which of its examples, in this order; at least one.</param>
    internal TrainingBatch(TrainingData data, int[] examples)
    {
        Examples = examples;
        DocumentStarts = new int[examples.Length + 1];
        for (int i = 0; i < examples.Length; i++)
        {
            DocumentStarts[i + 1] = checked(DocumentStarts[i] + data.Tokens(examples[i]).Length);
        }

        int rows = DocumentStarts[^1];
        Tokens = new int[rows];
        Targets = new int[rows];
        Positions = new int[rows];
        for (int i = 0; i < examples.Length; i++)
        {
            int start = DocumentStarts[i];
            ReadOnlySpan<int> labels = data.Labels(examples[i]);
            data.Tokens(examples[i]).CopyTo(Tokens.AsSpan(start));
            labels[1..].CopyTo(Targets.AsSpan(start));
            Targets[DocumentStarts[i + 1] - 1] = TrainingData.IgnoredLabel;
            for (int position = 0; position < labels.Length; position++)
            {
                Positions[start + position] = position;
            }

            TargetCount += TrainingData.TargetsIn(labels);
        }
    }

    /// <summary>The tokens, [rows].</summary>
    public int[] Tokens { get; }

    /// <summary>
    /// What each row is to predict, [rows]: the label of the next token of the same document, or <see cref="TrainingData.IgnoredLabel"/>.
    /// Already shifted; the last row of a document predicts nothing.
    /// </summary>
    public int[] Targets { get; }

    /// <summary>The place of each row in its document, from 0, [rows].</summary>
    public int[] Positions { get; }

    /// <summary>The first row of each document, and at the end the number of rows, [documents + 1].</summary>
    public int[] DocumentStarts { get; }

    /// <summary>The example that each document is, an index into the data, [documents]: what an error names.</summary>
    public int[] Examples { get; }

    /// <summary>Targets other than <see cref="TrainingData.IgnoredLabel"/>.</summary>
    public int TargetCount { get; }
}
