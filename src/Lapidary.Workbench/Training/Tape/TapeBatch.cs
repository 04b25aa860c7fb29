using Lapidary.Text.Data;

namespace Lapidary.Workbench.Training.Tape;

/// <summary>
/// What goes through the network together: documents one after the other, without padding. A negative token -1 - i stands for row i of
/// the soft prompt.
/// </summary>
internal sealed record TapeBatch(int[] Tokens, int[] Targets, int[] Positions, int[] DocumentStarts)
{
    public static TapeBatch Empty { get; } = new([], [], [], [0]);

    /// <summary>Rows whose next token is a target of the loss, in order.</summary>
    public int[] WantedRows { get; } =
        [.. Enumerable.Range(0, Targets.Length).Where(row => Targets[row] != TrainingData.IgnoredLabel)];

    /// <summary>The targets of <see cref="WantedRows"/>.</summary>
    public int[] WantedTargets => [.. WantedRows.Select(row => Targets[row])];

    /// <summary>Targets of the batch.</summary>
    public int TargetCount => WantedRows.Length;

    /// <summary>A batch of training data.</summary>
    public static TapeBatch From(TrainingBatch batch) => new(batch.Tokens, batch.Targets, batch.Positions, batch.DocumentStarts);

    /// <summary>The same with <paramref name="virtualTokens"/> rows of the soft prompt in front of every document.</summary>
    public TapeBatch WithSoftPrompt(int virtualTokens)
    {
        if (virtualTokens == 0)
        {
            return this;
        }

        int documents = DocumentStarts.Length - 1;
        var tokens = new List<int>(Tokens.Length + (documents * virtualTokens));
        var targets = new List<int>(tokens.Capacity);
        var positions = new List<int>(tokens.Capacity);
        var starts = new int[documents + 1];
        for (int document = 0; document < documents; document++)
        {
            for (int i = 0; i < virtualTokens; i++)
            {
                tokens.Add(-1 - i);
                targets.Add(TrainingData.IgnoredLabel);
                positions.Add(i);
            }

            for (int row = DocumentStarts[document]; row < DocumentStarts[document + 1]; row++)
            {
                tokens.Add(Tokens[row]);
                targets.Add(Targets[row]);
                positions.Add(Positions[row] + virtualTokens);
            }

            starts[document + 1] = tokens.Count;
        }

        return new TapeBatch([.. tokens], [.. targets], [.. positions], starts);
    }
}
