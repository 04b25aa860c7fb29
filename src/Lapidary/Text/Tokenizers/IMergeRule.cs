namespace Lapidary.Text.Tokenizers;

/// <summary>Which two neighbours may become one piece, and how soon.</summary>
internal interface IMergeRule
{
    /// <summary>Looks a pair up.</summary>
    /// <param name="model">The model with pieces, merges and scores.</param>
    /// <param name="left">Id of the left symbol, negative where it is no piece.</param>
    /// <param name="right">Id of the right symbol.</param>
    /// <param name="joined">The text of both.</param>
    /// <param name="rank">Smaller ranks merge first, equal ones from left to right.</param>
    /// <param name="merged">Id of the piece that the pair becomes.</param>
    static abstract bool TryMerge(BpeModel model, int left, int right, ReadOnlySpan<byte> joined, out uint rank, out int merged);
}
