namespace Lapidary.Pebble.Evaluation;

/// <summary>What is counted.</summary>
internal static class Measures
{
    /// <summary>With the options shown, the right letter is the most likely of the four.</summary>
    public const string Letter = "letter";

    /// <summary>Without the options, the right answer is the most likely of the four per character.</summary>
    public const string Text = "text";

    /// <summary>The greedy answer is the expected one; of JSON the values count.</summary>
    public const string Exact = "exact";

    /// <summary>The greedy answer declines.</summary>
    public const string Refused = "refused";
}
