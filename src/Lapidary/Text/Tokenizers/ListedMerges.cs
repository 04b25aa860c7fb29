using System.Runtime.CompilerServices;

namespace Lapidary.Text.Tokenizers;

/// <summary>Merges as a list gives them, the first one first: <c>tokenizer.json</c> and <c>tokenizer.ggml.merges</c>.</summary>
internal readonly struct ListedMerges : IMergeRule
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMerge(BpeModel model, int left, int right, ReadOnlySpan<byte> joined, out uint rank, out int merged)
    {
        if ((left | right) < 0)
        {
            rank = 0;
            merged = -1;
            return false;
        }

        return model.Merges!.TryGet(left, right, out rank, out merged);
    }
}
