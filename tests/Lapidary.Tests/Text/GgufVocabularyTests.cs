using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Lapidary.Text.Tokenizers;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text;

/// <summary>Vocabularies that are written into GGUF files, and what is made of them again.</summary>
public sealed class GgufVocabularyTests : IDisposable
{
    private const int PebblePieces = 2048;

    private static readonly string[] Texts =
    [
        .. JsonDocument.Parse(File.ReadAllBytes(Fixtures.PathOf("tokenizers/references.json"))).RootElement.EnumerateArray()
            .Where(row => row.GetProperty("gguf").ValueKind == JsonValueKind.Array).Select(row => row.GetProperty("text").GetString()!),
        .. File.ReadLines(Fixtures.PathOf("tokenizers/sentences.txt")),
    ];

    private readonly TemporaryFolder folder = new();

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer.model")]
    public void Both_forms_give_the_vocabulary_that_the_converter_gives(string form)
    {
        WritePebble(form);
        Write(GgufVocabulary.Read(folder.Path, PebblePieces), "a.gguf");

        // Made by the rules of llama.cpp's converter; Fixtures/tokenizers says how.
        using GgufFile expected = GgufFile.Open(Fixtures.PathOf("tokenizers/pebble.gguf"));
        using GgufFile written = GgufFile.Open(folder["a.gguf"]);
        written.Metadata["tokenizer.ggml.tokens"].ToTexts().ShouldBe(expected.Metadata["tokenizer.ggml.tokens"].ToTexts());
        written.Metadata["tokenizer.ggml.token_type"].ToInt64s().ShouldBe(expected.Metadata["tokenizer.ggml.token_type"].ToInt64s());
        float[] scores = written.Metadata["tokenizer.ggml.scores"].ToSingles();
        scores.ShouldBe(expected.Metadata["tokenizer.ggml.scores"].ToSingles());
        foreach (string key in (string[])["bos_token_id", "eos_token_id", "unknown_token_id", "padding_token_id", "add_bos_token", "add_space_prefix"])
        {
            written.Metadata["tokenizer.ggml." + key].Content.ToArray().ShouldBe(expected.Metadata["tokenizer.ggml." + key].Content.ToArray(), key);
        }
    }

    [Fact]
    public void A_SentencePiece_model_keeps_its_scores_and_the_settings_beside_it_count()
    {
        WritePebble("tokenizer.model");
        GgufVocabulary vocabulary = GgufVocabulary.Read(folder.Path, PebblePieces);
        Write(vocabulary, "a.gguf");
        SameIds(Tokenizer.Open(folder["tokenizer.model"]), Tokenizer.Open(folder["a.gguf"]));
    }

    [Fact]
    public void Ids_outside_the_embedding_are_left_out_and_rows_without_a_piece_are_filled()
    {
        WritePebble("tokenizer.json");
        Write(GgufVocabulary.Read(folder.Path, PebblePieces - 100), "cut.gguf");
        Tokenizer.Open(folder["cut.gguf"]).VocabularySize.ShouldBe(PebblePieces - 100);
        Write(GgufVocabulary.Read(folder.Path, PebblePieces + 7), "filled.gguf");
        Tokenizer filled = Tokenizer.Open(folder["filled.gguf"]);
        filled.PieceOf(PebblePieces).ShouldBe("[PAD2048]");
        SameIds(Tokenizer.Open(folder["tokenizer.json"]), filled);

        // What filled the rows is not made a piece again.
        Tokenizer back = ToFolder("filled.gguf");
        back.VocabularySize.ShouldBe(PebblePieces);
        SameIds(filled, back);
    }

    [Fact]
    public void Merges_in_another_order_than_the_ids_give_scores_in_that_order()
    {
        JsonObject json = Json(["ab", "bc", "abc"], [("b", "c"), ("a", "b"), ("a", "bc"), ("ab", "c")]);
        Write(FromJson(json), "a.gguf");
        Tokenizer tokenizer = Tokenizer.Open(folder["a.gguf"]);
        float[] scores = Scores("a.gguf");
        scores[tokenizer.IdOf("bc")!.Value].ShouldBeGreaterThan(scores[tokenizer.IdOf("ab")!.Value]);
        foreach (string text in (string[])["ab", "abc", "abab", "bcab", "aabcc"])
        {
            int[] expected = Parse(json).Encode(text);
            tokenizer.Encode(text).ShouldBe(expected, text);
            ToFolder("a.gguf").Encode(text).ShouldBe(expected, text);
        }
    }

    [Theory]
    [InlineData("has no merge of \"a\" and \"bc\" though their text is a piece", "a b|b c|ab c")]
    [InlineData("has merges into \"bc\" between those into \"abc\"", "a b|ab c|b c|a bc")]
    public void Merges_that_scores_cannot_say_are_refused(string fragment, string merges)
    {
        JsonObject json = Json(["ab", "bc", "abc"], [.. merges.Split('|').Select(merge => (merge.Split(' ')[0], merge.Split(' ')[1]))]);
        Should.Throw<CheckpointException>(() => FromJson(json)).Message.ShouldContain(fragment);
    }

    [Theory]
    [InlineData("bytes", "has no byte fallback")]
    [InlineData("merges", "ignores merges")]
    [InlineData("normalizer", "normalizes text in another way")]
    [InlineData("no normalizer", "normalizes text in another way")]
    [InlineData("splitter", "cuts texts into words")]
    [InlineData("template", "puts other pieces")]
    [InlineData("flags", "swallows white space")]
    [InlineData("spaces", "two pieces that would both be \"  \"")]
    [InlineData("length", "has a piece with the id 265 of 257 bytes where at most 256 were expected")]
    public void What_a_GGUF_vocabulary_cannot_say_is_refused(string name, string fragment)
    {
        JsonObject json = Json(["ab"], [("a", "b")]);
        Change(json, name);
        Should.Throw<CheckpointException>(() => FromJson(json)).Message.ShouldContain(fragment);
    }

    [Fact]
    public void Missing_bytes_are_refused()
    {
        JsonObject json = Json(["ab"], [("a", "b")]);
        Should.Throw<CheckpointException>(() => FromJson(json, rows: 100)).Message.ShouldContain("has 96 pieces for bytes among the 100 rows");
    }

    [Fact]
    public void A_prefix_and_an_end_are_said_in_both_directions()
    {
        JsonObject json = Json(["ab"], [("a", "b")]);
        json["normalizer"] = JsonNode.Parse(
            """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"\u2581"},{"type":"Replace","pattern":{"String":" "},"content":"\u2581"}]}""");
        json["post_processor"] = JsonNode.Parse(
            """{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"<eos>","type_id":0}}]}""");
        Write(FromJson(json), "a.gguf");
        Tokenizer expected = Parse(json);
        expected.Encode("ab").ShouldBe([expected.IdOf("\u2581")!.Value, expected.IdOf("ab")!.Value, 1]);
        Tokenizer.Open(folder["a.gguf"]).Encode("ab").ShouldBe(expected.Encode("ab"));
        Tokenizer back = ToFolder("a.gguf");
        back.Encode("ab").ShouldBe(expected.Encode("ab"));
        back.Decode(back.Encode("ab b", addBos: false)).ShouldBe("ab b");
    }

    [Fact]
    public void Scores_that_merges_cannot_say_are_refused_and_runs_are_no_such_case()
    {
        WriteGguf("tie.gguf", [("a", 0, 1), ("b", 0, 1), ("c", 0, 1), ("ab", -1, 1), ("bc", -1, 1)]);
        Should.Throw<CheckpointException>(() => ToFolder("tie.gguf")).Message.ShouldContain("gives the same score to the pieces \"ab\" and \"bc\"");

        // As files of older converters have runs of spaces: with marks, so that they are made by merging.
        string[] runs = [.. Enumerable.Range(2, 6).Select(length => new string('\u2581', length))];
        WriteGguf("runs.gguf", [("a", 0, 1), ("\u2581", 0, 1), ("\u2581a", -1, 1), .. runs.Select(run => (run, -1000f, 4))]);
        Tokenizer gguf = Tokenizer.Open(folder["runs.gguf"]);
        Tokenizer back = ToFolder("runs.gguf");
        foreach (string text in Enumerable.Range(1, 20).Select(count => new string(' ', count)).SelectMany(run => (string[])[run, run + "a", "a" + run + "aa"]))
        {
            back.Encode(text).ShouldBe(gguf.Encode(text), text.Length.ToString());
        }
    }

    [Fact]
    public void Pieces_of_characters_that_are_none_are_refused()
    {
        WriteGguf("hole.gguf", [("a", 0, 1), ("ab", -1, 1)]);
        Should.Throw<CheckpointException>(() => ToFolder("hole.gguf")).Message.ShouldContain("has the piece \"ab\" but none for its character \"b\"");
    }

    [Fact]
    public void Tokenizers_of_other_kinds_are_refused()
    {
        File.WriteAllBytes(folder["listed.gguf"], TinyTokenizer.Gguf("gemma4").Build());
        Should.Throw<CheckpointException>(() => ToFolder("listed.gguf")).Message.ShouldContain("has a tokenizer with listed merges");
    }

    private static void Change(JsonObject json, string name)
    {
        JsonObject vocabulary = json["model"]!["vocab"]!.AsObject();
        switch (name)
        {
            case "bytes":
                json["model"]!["byte_fallback"] = false;
                break;
            case "merges":
                json["model"]!["ignore_merges"] = true;
                break;
            case "normalizer":
                json["normalizer"] = TinyTokenizer.Step("Replace", "a", "b");
                break;
            case "no normalizer":
                json["normalizer"] = null;
                break;
            case "splitter":
                json["pre_tokenizer"] = JsonNode.Parse("""{"type":"Split","pattern":{"String":"x"},"behavior":"Isolated","invert":false}""");
                break;
            case "template":
                json["post_processor"] = JsonNode.Parse(
                    """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<pad>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}]}""");
                break;
            case "flags":
                json["added_tokens"]!.AsArray().Add(TinyTokenizer.Added(260, "a", false, "lstrip"));
                break;
            case "length":
                vocabulary[new string('a', 257)] = vocabulary.Count;
                break;
            default:
                // Spaces and their marks become the same in added tokens.
                foreach (string run in (string[])["\u2581\u2581", "\u2581 "])
                {
                    json["added_tokens"]!.AsArray().Add(TinyTokenizer.Added(vocabulary.Count, run));
                    vocabulary[run] = vocabulary.Count;
                }

                break;
        }
    }

    // Four special pieces, the bytes, the letters and the mark of a space, and some more.
    private static JsonObject Json(string[] pieces, (string Left, string Right)[] merges)
    {
        string[] all = ["<pad>", "<eos>", "<bos>", "<unk>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "a", "b", "c", "\u2581", .. pieces];
        JsonObject json = TinyTokenizer.Json();
        json["added_tokens"] = new JsonArray([.. Enumerable.Range(0, 4).Select(id => (JsonNode)TinyTokenizer.Added(id, all[id], special: true))]);
        json["model"]!["vocab"] = new JsonObject(all.Select((piece, id) => KeyValuePair.Create(piece, (JsonNode?)id)));
        json["model"]!["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)new JsonArray(merge.Left, merge.Right))]);
        return json;
    }

    private static TokenizerParts Parts(JsonObject json) => TokenizerJsonFile.Read(Encoding.UTF8.GetBytes(json.ToJsonString()), "file", new TokenizerSettings());

    private static Tokenizer Parse(JsonObject json) => new(Parts(json));

    private static GgufVocabulary FromJson(JsonObject json, int? rows = null)
    {
        TokenizerParts parts = Parts(json);
        return GgufVocabulary.FromJson(parts, rows ?? parts.Model.Vocabulary.Count);
    }

    private static void SameIds(Tokenizer expected, Tokenizer actual)
    {
        foreach (string text in Texts.Where(text => !text.Contains('\u2581', StringComparison.Ordinal)))
        {
            actual.Encode(text).ShouldBe(expected.Encode(text), text);
        }
    }

    private float[] Scores(string file)
    {
        using GgufFile gguf = GgufFile.Open(folder[file]);
        return gguf.Metadata["tokenizer.ggml.scores"].ToSingles();
    }

    private void WritePebble(string form)
    {
        File.Copy(Fixtures.PathOf("tokenizers/pebble/tokenizer_config.json"), folder["tokenizer_config.json"]);
        File.Copy(Fixtures.PathOf(form == "tokenizer.json" ? "tokenizers/pebble/tokenizer.json" : "tokenizers/pebble.model"), folder[form]);
    }

    private void Write(GgufVocabulary vocabulary, string file)
    {
        var metadata = new GgufMetadata();
        vocabulary.AddTo(metadata, []);
        using var writer = new GgufWriter(folder[file], metadata, []);
        writer.Complete();
    }

    private void WriteGguf(string file, (string Piece, float Score, int Kind)[] pieces) => File.WriteAllBytes(
        folder[file],
        new GgufBuilder()
            .Set("tokenizer.ggml.model", "llama")
            .Set("tokenizer.ggml.tokens", [.. pieces.Select(piece => piece.Piece)])
            .Raw("tokenizer.ggml.scores", 9, GgufBuilder.Array(6, (ulong)pieces.Length, [.. pieces.SelectMany(piece => BitConverter.GetBytes(piece.Score))]))
            .Raw("tokenizer.ggml.token_type", 9, GgufBuilder.Array(5, (ulong)pieces.Length, [.. pieces.SelectMany(piece => BitConverter.GetBytes(piece.Kind))]))
            .Set("tokenizer.ggml.add_bos_token", false)
            .Set("tokenizer.ggml.add_space_prefix", false)
            .Build());

    private Tokenizer ToFolder(string file)
    {
        using GgufFile gguf = GgufFile.Open(folder[file]);
        TokenizerFiles files = GgufTokenizerFiles.Read(gguf, 100);
        TokenizerSettings settings = TokenizerSettings.Parse(files.Settings(), "settings", withAddedTokens: false);
        return new Tokenizer(TokenizerJsonFile.Read(files.Tokenizer(), "file", settings));
    }
}
