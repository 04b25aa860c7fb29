namespace Lapidary.Text.Data.Rows;

/// <summary>What became of a row: examples, or why there are none.</summary>
internal sealed class EncodedRow(int line)
{
    /// <summary>The line where the row begins.</summary>
    public int Line { get; } = line;

    /// <summary>Tokens and labels, of the same length.</summary>
    public List<(int[] Tokens, int[] Labels)> Examples { get; } = [];

    /// <summary>Why the row cannot be used, if so.</summary>
    public string? Reason { get; set; }

    /// <summary>Why no row like it can be used, if so.</summary>
    public TrainingDataException? Error { get; set; }

    /// <summary>Whether the end was cut off.</summary>
    public bool IsTruncated { get; set; }

    /// <summary>Whether the tokens of the whole do not begin with those of the prompt.</summary>
    public bool IsInexact { get; set; }
}
