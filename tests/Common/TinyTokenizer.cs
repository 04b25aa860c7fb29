using System.Text;
using System.Text.Json.Nodes;

namespace Lapidary.Tests.Common;

/// <summary>
/// A tokenizer of 16 pieces in the three forms, built byte by byte and independently of the readers: the seed of broken ones and of
/// mutations.
/// </summary>
public static class TinyTokenizer
{
    /// <summary>The pieces in the order of their ids.</summary>
    public static readonly string[] Pieces =
        ["<pad>", "<eos>", "<bos>", "<unk>", "<turn>", "\n\n", "<0x41>", "a", "b", "c", "\u2581", "\n", "ab", "abc", "\u2581a", "\u2581abc"];

    private static readonly (string Left, string Right)[] Merges = [("a", "b"), ("ab", "c"), ("\u2581", "a"), ("\u2581", "abc"), ("\n", "\n")];

    /// <summary>The object of <c>tokenizer.json</c>.</summary>
    public static JsonObject Json() => new()
    {
        ["version"] = "1.0",
        ["added_tokens"] = new JsonArray([.. Enumerable.Range(0, 6).Select(id => (JsonNode)Added(id, Pieces[id], special: id < 5))]),
        ["normalizer"] = Step("Replace", " ", "\u2581"),
        ["pre_tokenizer"] = null,
        ["post_processor"] = JsonNode.Parse(
            """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<bos>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}]}"""),
        ["decoder"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["decoders"] = new JsonArray(
                Step("Replace", "\u2581", " "), new JsonObject { ["type"] = "ByteFallback" }, new JsonObject { ["type"] = "Fuse" }),
        },
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["unk_token"] = "<unk>",
            ["fuse_unk"] = true,
            ["byte_fallback"] = true,
            ["vocab"] = new JsonObject(Pieces.Select((piece, id) => KeyValuePair.Create(piece, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. Merges.Select(merge => (JsonNode)new JsonArray(merge.Left, merge.Right))]),
        },
    };

    /// <summary>An added token as <c>added_tokens</c> has it.</summary>
    public static JsonObject Added(int id, string content, bool special = false, params string[] flags)
    {
        var token = new JsonObject { ["id"] = id, ["content"] = content, ["special"] = special, ["normalized"] = false };
        foreach (string flag in flags)
        {
            token[flag] = true;
        }

        return token;
    }

    /// <summary>A step that replaces a literal.</summary>
    public static JsonObject Step(string type, string pattern, string content) =>
        new() { ["type"] = type, ["pattern"] = new JsonObject { ["String"] = pattern }, ["content"] = content };

    /// <summary>The bytes of a SentencePiece model.</summary>
    /// <param name="trainer">More bytes for the trainer's settings.</param>
    /// <param name="normalizer">More bytes for the normalizer's settings.</param>
    /// <param name="pieces">The pieces, or those of <see cref="Pieces"/>.</param>
    public static byte[] SentencePiece(byte[]? trainer = null, byte[]? normalizer = null, IEnumerable<byte[]>? pieces = null) =>
    [
        .. (pieces ?? Pieces.Select((piece, id) => Piece(piece, -id, Kind(id)))).SelectMany(piece => Field(1, piece)),
        .. Field(2, [.. Number(3, 2), .. Number(35, 1), .. Number(40, 3), .. Number(41, 2), .. Number(42, 1), .. Number(43, 0), .. trainer ?? []]),
        .. Field(3, [.. Field(1, "identity"u8.ToArray()), .. Number(3, 0), .. Number(4, 0), .. normalizer ?? []]),
    ];

    /// <summary>The bytes of one piece of a SentencePiece model.</summary>
    public static byte[] Piece(string piece, float score, int kind) =>
        [.. Field(1, Encoding.UTF8.GetBytes(piece)), (2 << 3) | 5, .. BitConverter.GetBytes(score), .. Number(3, (ulong)kind)];

    /// <summary>A field of Protocol Buffers that holds bytes.</summary>
    public static byte[] Field(int field, byte[] content) => [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)content.Length), .. content];

    /// <summary>A field of Protocol Buffers that holds a number.</summary>
    public static byte[] Number(int field, ulong value) => [.. Varint((ulong)field << 3), .. Varint(value)];

    /// <summary>The metadata of a GGUF file: <c>llama</c>, or <c>gemma4</c> with merges.</summary>
    public static GgufBuilder Gguf(string kind = "llama")
    {
        GgufBuilder builder = new GgufBuilder()
            .Set("general.architecture", "gemma3")
            .Set("tokenizer.ggml.model", kind)
            .Set("tokenizer.ggml.tokens", Pieces)
            .Set("tokenizer.ggml.scores", [.. Pieces.Select((_, id) => -(float)id)])
            .Integers("tokenizer.ggml.token_type", [.. Pieces.Select((_, id) => Kind(id))])
            .Set("tokenizer.ggml.bos_token_id", 2u)
            .Set("tokenizer.ggml.eos_token_id", 1u)
            .Set("tokenizer.ggml.unknown_token_id", 3u)
            .Set("tokenizer.ggml.padding_token_id", 0u)
            .Set("tokenizer.ggml.add_bos_token", true)
            .Set("tokenizer.ggml.add_space_prefix", false);
        return kind == "gemma4" ? builder.Set("tokenizer.ggml.merges", [.. Merges.Select(merge => $"{merge.Left} {merge.Right}")]) : builder;
    }

    private static int Kind(int id) => id switch { 3 => 2, < 5 => 3, 5 => 4, 6 => 6, _ => 1 };

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
