using System.Text.Json.Nodes;

namespace Lapidary.Text.Tokenizers.Training;

/// <summary>The two files of a tokenizer in the shape in which Gemma 3 has them.</summary>
internal static class TrainedTokenizerFiles
{
    // That of Gemma 3's smallest models.
    private const int ContextLength = 32768;

    // Renders what Gemma 3's own does: the system message becomes the begin of the first turn.
    private const string ChatTemplate = """
        {{ bos_token }}
        {%- set system = "" -%}
        {%- if messages[0]["role"] == "system" -%}
            {%- set system = messages[0]["content"] | trim + "\n\n" -%}
            {%- set messages = messages[1:] -%}
        {%- endif -%}
        {%- for message in messages -%}
            {%- if (message["role"] == "user") != (loop.index0 % 2 == 0) -%}
                {{ raise_exception("The roles must alternate: user, assistant, user, ...") }}
            {%- endif -%}
            {%- set role = "model" if message["role"] == "assistant" else message["role"] -%}
            {{ "<start_of_turn>" + role + "\n" + (system if loop.first else "") }}
            {%- if message["content"] is string -%}
                {{ message["content"] | trim }}
            {%- else -%}
                {%- for part in message["content"] -%}
                    {%- if part["type"] == "text" -%}{{ part["text"] | trim }}{%- endif -%}
                {%- endfor -%}
            {%- endif -%}
            {{ "<end_of_turn>\n" }}
        {%- endfor -%}
        {%- if add_generation_prompt -%}
            {{ "<start_of_turn>model\n" }}
        {%- endif -%}

        """;

    /// <summary>The content of <c>tokenizer.json</c>.</summary>
    /// <param name="pieces">All pieces by id.</param>
    /// <param name="learned">Those of them that merges make, in the order of learning.</param>
    /// <param name="addedTokens">Those that are cut out of a text first.</param>
    public static byte[] Tokenizer(IReadOnlyList<string> pieces, IReadOnlyList<string> learned, IReadOnlyList<AddedToken> addedTokens) =>
        Files(pieces, Merges(pieces, learned), addedTokens).Tokenizer();

    /// <summary>The content of <c>tokenizer_config.json</c>.</summary>
    public static byte[] Settings(IReadOnlyList<AddedToken> addedTokens) =>
        Files([.. addedTokens.Take(GemmaPieces.Count).Select(token => token.Content)], [], addedTokens).Settings();

    private static TokenizerFiles Files(
        IReadOnlyList<string> pieces, IEnumerable<(string Left, string Right)> merges, IReadOnlyList<AddedToken> addedTokens) => new()
    {
        Pieces = pieces,
        Merges = merges,
        AddedTokens = addedTokens,
        PadId = 0,
        EosId = 1,
        BosId = 2,
        UnknownId = 3,
        Length = ContextLength,
        ChatTemplate = JsonValue.Create(ChatTemplate),
    };

    /// <summary>
    /// Every way to make a piece of two others, the earliest piece first and of one piece the longest left part first. So a text gets the
    /// tokens that SentencePiece's rule gives it, which merges whatever two neighbours make the best piece.
    /// </summary>
    private static IEnumerable<(string Left, string Right)> Merges(IReadOnlyList<string> pieces, IReadOnlyList<string> learned)
    {
        foreach ((string Left, string Right) merge in GemmaPieces.RunMerges())
        {
            yield return merge;
        }

        var known = pieces.ToHashSet(StringComparer.Ordinal);
        foreach (string piece in learned)
        {
            for (int at = piece.Length - 1; at > 0; at--)
            {
                if (known.Contains(piece[..at]) && known.Contains(piece[at..]))
                {
                    yield return (piece[..at], piece[at..]);
                }
            }
        }
    }
}
