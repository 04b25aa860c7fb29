using System.Text.Json.Nodes;

namespace Lapidary.Tests.Common;

/// <content>Steps that no Gemma tokenizer has, and files in other forms.</content>
public static partial class BrokenTokenizers
{
    private static BrokenFile Step(string name, string member, string json, string fragment) =>
        Json($"{member}, {name}", tokenizer => tokenizer[member] = JsonNode.Parse(json), fragment);

    private static IEnumerable<BrokenFile> OfSteps()
    {
        yield return Json("Unigram", json => Model(json)["type"] = "Unigram", "type \"Unigram\" where only \"BPE\" is supported");
        yield return Json("dropout", json => Model(json)["dropout"] = 0.1, "with dropout 0.1, which is not supported");
        yield return Json("end of a word", json => Model(json)["end_of_word_suffix"] = "</w>", "with end_of_word_suffix");
        yield return Json("byte_fallback is a text", json => Model(json)["byte_fallback"] = "yes", "where true or false was expected");
        yield return Step("another kind", "normalizer", """{"type":"NFKC"}""", "has a normalizer of type \"NFKC\"");
        yield return Step(
            "a regular expression", "normalizer", """{"type":"Replace","pattern":{"Regex":"(a+)+$"},"content":"x"}""", "is a regular expression");
        yield return Step("no type", "normalizer", "{}", "has a normalizer without type");
        yield return Step("a text", "normalizer", "\"Replace\"", "as normalizer where an object was expected");
        yield return Step(
            "a text that grows",
            "normalizer",
            $$"""{"type":"Sequence","normalizers":[{{string.Join(',', Enumerable.Repeat("""{"type":"Replace","pattern":{"String":"a"},"content":"aaaaaaaaaa"}""", 30))}}]}""",
            "more than two replacements that lengthen the text");
        yield return Step("another kind", "pre_tokenizer", """{"type":"ByteLevel"}""", "has a pre_tokenizer of type \"ByteLevel\"");
        yield return Step(
            "an unknown behavior", "pre_tokenizer", """{"type":"Split","pattern":{"String":" "},"behavior":"Sideways"}""", "the behavior \"Sideways\"");
        yield return Step(
            "a number as behavior", "pre_tokenizer", """{"type":"Split","pattern":{"String":" "},"behavior":"2"}""", "the behavior \"2\"");
        yield return Step("another kind", "decoder", """{"type":"Sequence","decoders":[{"type":"WordPiece"}]}""", "has a decoder of type \"WordPiece\"");
        yield return Step("none that fuses", "decoder", "null", "has no decoder that fuses pieces");
        yield return Step(
            "an order that is another",
            "decoder",
            """{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"ByteFallback"}]}""",
            "has a decoder with ByteFallback in an order");
        yield return Step("another kind", "post_processor", """{"type":"RobertaProcessing"}""", "has a post_processor of type \"RobertaProcessing\"");
        yield return Step(
            "an unknown token",
            "post_processor",
            """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<cls>"}},{"Sequence":{"id":"A"}}]}""",
            "puts \"<cls>\" around a text");
        yield return Step("no text", "post_processor", """{"type":"TemplateProcessing","single":[]}""", "without the sequence A");
    }

    private static BrokenFile Model(string name, Func<byte[]> content, string fragment) =>
        Written("tokenizer.model: " + name, "tokenizer.model", content, fragment);

    private static BrokenFile Pieces(string name, string fragment, params byte[][] pieces) =>
        Model(name, () => TinyTokenizer.SentencePiece(pieces: pieces), fragment);

    private static IEnumerable<BrokenFile> OfSentencePiece()
    {
        yield return Model("empty", () => [], "is empty where a SentencePiece model was expected");
        yield return Model("text", () => "this is no model at all"u8.ToArray(), "is not a SentencePiece model");
        yield return Model("cut in the middle", () => TinyTokenizer.SentencePiece()[..100], "is not a SentencePiece model");
        yield return Model(
            "a length of 10^12", () => [0x0A, 0x80, 0xA0, 0x94, 0xA5, 0x8D, 0x1D], "claims 1000000000000 bytes where 0 are left");
        yield return Model("a length of 2^64 - 1", () => [0x0A, .. Enumerable.Repeat((byte)0xFF, 9), 1], "claims 18446744073709551615 bytes");
        yield return Model("a number without end", () => [0x0A, .. Enumerable.Repeat((byte)0xFF, 20)], "has a number of more than 10 bytes");
        yield return Model("a group", () => [0x0B], "has the wire type 3");
        yield return Model("no pieces", () => TinyTokenizer.SentencePiece(pieces: []), "has a vocabulary without pieces");
        yield return Model(
            "Unigram", () => TinyTokenizer.SentencePiece(trainer: TinyTokenizer.Number(3, 1)), "of type 1 (1 is Unigram) where 2");
        yield return Model(
            "white space as a suffix", () => TinyTokenizer.SentencePiece(trainer: TinyTokenizer.Number(24, 1)), "treats white space as a suffix");
        yield return Model(
            "white space removed", () => TinyTokenizer.SentencePiece(normalizer: TinyTokenizer.Number(4, 1)), "which no Gemma tokenizer does");
        yield return Model(
            "a table of characters", () => TinyTokenizer.SentencePiece(normalizer: TinyTokenizer.Field(2, new byte[9])), "normalizes text");
        yield return Model(
            "an id out of range", () => TinyTokenizer.SentencePiece(trainer: TinyTokenizer.Number(41, 99)), "gives 99 as bos_id where ids below 16");
        yield return Pieces("a piece twice", "has the piece \"a\" twice", TinyTokenizer.Piece("a", 0, 1), TinyTokenizer.Piece("a", 0, 1));
        yield return Pieces("an empty piece", "of 0 bytes where valid UTF-8", TinyTokenizer.Piece(string.Empty, 0, 1));
        yield return Pieces("a score that is no number", "a score for the piece with the id 0 that is not a number", TinyTokenizer.Piece("a", float.NaN, 1));
        yield return Pieces("a type out of range", "gives 9 as the type", TinyTokenizer.Piece("a", 0, 9));
        yield return Pieces("an unused piece", "marks the piece with the id 0 as unused", TinyTokenizer.Piece("a", 0, 5));
        yield return Pieces("not UTF-8", "that is not valid UTF-8", TinyTokenizer.Field(1, [0xC3]), TinyTokenizer.Piece("a", 0, 1));
    }

    private static BrokenFile Gguf(string name, Action<GgufBuilder> change, string fragment, string kind = "llama") => Written(
        "GGUF vocabulary: " + name,
        "model.gguf",
        () =>
        {
            GgufBuilder builder = TinyTokenizer.Gguf(kind);
            change(builder);
            return builder.Build();
        },
        fragment);

    private static IEnumerable<BrokenFile> OfGguf()
    {
        yield return Gguf("none", gguf => gguf.Remove("tokenizer.ggml.model"), "has no tokenizer.ggml.model");
        yield return Gguf("another kind", gguf => gguf.Set("tokenizer.ggml.model", "gpt2"), "of the kind \"gpt2\" where \"llama\" or \"gemma4\"");
        yield return Gguf("no tokens", gguf => gguf.Remove("tokenizer.ggml.tokens"), "has no tokenizer.ggml.tokens");
        yield return Gguf("tokens of numbers", gguf => gguf.Integers("tokenizer.ggml.tokens", 1, 2), "is not an array of texts");
        yield return Gguf("no scores", gguf => gguf.Remove("tokenizer.ggml.scores"), "has no tokenizer.ggml.scores");
        yield return Gguf("fewer scores", gguf => gguf.Set("tokenizer.ggml.scores", 1f, 2f), "has 2 values in tokenizer.ggml.scores and 16");
        yield return Gguf("more types", gguf => gguf.Integers("tokenizer.ggml.token_type", new int[17]), "has 17 values in tokenizer.ggml.token_type");
        yield return Gguf("a negative type", gguf => gguf.Integers("tokenizer.ggml.token_type", [.. Enumerable.Repeat(-1, 16)]), "gives -1 as the type");
        yield return Gguf("an id out of range", gguf => gguf.Set("tokenizer.ggml.bos_token_id", 16u), "gives 16 as tokenizer.ggml.bos_token_id");
        yield return Gguf("a flag that is a number", gguf => gguf.Set("tokenizer.ggml.add_bos_token", 1u), "where true or false was expected");
        yield return Gguf(
            "a piece twice", gguf => gguf.Set("tokenizer.ggml.tokens", [.. TinyTokenizer.Pieces[..15], "a"]), "has the piece \"a\" twice");
        yield return Gguf(
            "an empty piece", gguf => gguf.Set("tokenizer.ggml.tokens", [.. TinyTokenizer.Pieces[..15], string.Empty]), "with the id 15 of 0 bytes");
        yield return Gguf("no merges", gguf => gguf.Remove("tokenizer.ggml.merges"), "has no tokenizer.ggml.merges", "gemma4");
        yield return Gguf(
            "an unknown merge", gguf => gguf.Set("tokenizer.ggml.merges", "a b", "b zz"), "but no piece \"zz\" in the vocabulary", "gemma4");
        yield return Gguf(
            "10^9 tokens",
            gguf => gguf.Remove("tokenizer.ggml.tokens").Raw("tokenizer.ggml.tokens", 9, GgufBuilder.Array(8, 1_000_000_000, [])),
            "gives 1000000000 as the number of values");
    }

    // The file ends inside the length of the last text, at every one of its bytes.
    private static IEnumerable<BrokenFile> OfTruncatedTexts() => Enumerable.Range(0, 8).Select(bytes => Written(
        $"GGUF vocabulary: cut after {bytes} bytes of a length",
        "model.gguf",
        () => new GgufBuilder { Alignment = 1 }.Set("tokenizer.ggml.tokens", "a", string.Empty).Build()[..^(8 - bytes)],
        "of tokenizer.ggml.tokens"));

    private static IEnumerable<BrokenFile> OfFolders()
    {
        yield return new BrokenFile("tokenizer: an empty folder", folder => folder, "has neither tokenizer.json nor tokenizer.model");
        yield return new BrokenFile("tokenizer: no such file", folder => Path.Combine(folder, "tokenizer.json"), "does not exist");
        yield return new BrokenFile(
            "tokenizer: a folder in its place",
            folder =>
            {
                Directory.CreateDirectory(Path.Combine(folder, "tokenizer.json"));
                return folder;
            },
            "is a folder where a file was expected");
        yield return Beside("settings: not JSON", "{", "is not valid JSON");
        yield return Beside("settings: an array", "[]", "expected '{'");
        yield return Beside("settings: a flag that is a text", """{"add_bos_token":"yes"}""", "neither true nor false");
        yield return Beside("settings: a token that is a number", """{"bos_token":7}""", "neither a text nor an added token");
        yield return Beside("settings: half a surrogate pair", """{"bos_token":"\ud800"}""", "not valid Unicode");
    }

    private static BrokenFile Beside(string name, string settings, string fragment) => new(
        name,
        folder =>
        {
            File.WriteAllText(Path.Combine(folder, "tokenizer.json"), TinyTokenizer.Json().ToJsonString());
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), settings);
            return folder;
        },
        fragment);
}
