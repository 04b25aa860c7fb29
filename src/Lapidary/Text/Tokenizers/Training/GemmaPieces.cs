namespace Lapidary.Text.Tokenizers.Training;

/// <summary>
/// The pieces that every trained vocabulary begins with, so that chat templates and configurations of Gemma 3 hold: up to the runs of
/// newlines they have the ids of Gemma 3, and the runs of spaces follow at once.
/// </summary>
internal static class GemmaPieces
{
    /// <summary>The longest run of newlines or spaces that is one piece.</summary>
    public const int LongestRun = 31;

    /// <summary>Number of pieces that are no text and no byte.</summary>
    public const int Count = FirstRun + LongestRun + LongestRun - 1;

    /// <summary>Number of pieces for bytes.</summary>
    public const int ByteCount = 256;

    /// <summary>The mark that stands for a space.</summary>
    public const char Space = '\u2581';

    public const string Pad = "<pad>";
    public const string EndOfText = "<eos>";
    public const string BeginOfText = "<bos>";
    public const string Unknown = "<unk>";

    private const int UnusedCount = 99;
    private const int FirstRun = 6 + UnusedCount + 2;

    private static readonly HashSet<string> Special = [Pad, EndOfText, BeginOfText, Unknown, "<start_of_turn>", "<end_of_turn>"];

    /// <summary>The pieces that are cut out of a text before anything is merged.</summary>
    /// <param name="userDefined">Further ones, which stand behind the bytes.</param>
    public static List<AddedToken> AddedTokens(IReadOnlyList<string> userDefined)
    {
        string[] texts =
        [
            Pad, EndOfText, BeginOfText, Unknown, "<mask>", "[multimodal]",
            .. Enumerable.Range(0, UnusedCount).Select(number => $"<unused{number}>"),
            "<start_of_turn>", "<end_of_turn>",
            .. Enumerable.Range(1, LongestRun).Select(length => new string('\n', length)),
            .. Enumerable.Range(2, LongestRun - 1).Select(length => new string(Space, length)),
        ];
        return
        [
            .. texts.Select((text, id) => new AddedToken(id, text, Special.Contains(text))),
            .. userDefined.Select((text, index) => new AddedToken(Count + ByteCount + index, text, Special: false)),
        ];
    }

    /// <summary>The pieces for bytes.</summary>
    public static IEnumerable<string> Bytes => Enumerable.Range(0, ByteCount).Select(value => $"<0x{value:X2}>");

    /// <summary>
    /// The merges that make runs of single newlines and spaces. The longest left part comes first, so that a run grows from the left to its full
    /// length before another begins, which is how SentencePiece cuts a longer one.
    /// </summary>
    public static IEnumerable<(string Left, string Right)> RunMerges()
    {
        for (int left = LongestRun - 1; left > 0; left--)
        {
            foreach (char character in (char[])['\n', Space])
            {
                for (int right = 1; left + right <= LongestRun; right++)
                {
                    yield return (new string(character, left), new string(character, right));
                }
            }
        }
    }
}
