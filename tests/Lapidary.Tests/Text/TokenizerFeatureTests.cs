using System.Text.Json.Nodes;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Lapidary.Text.Tokenizers;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text;

/// <summary>
/// Features that the fixtures do not have. Expected values follow from the documentation of Hugging Face's tokenizers, whose examples are used
/// where there are any.
/// </summary>
public class TokenizerFeatureTests
{
    [Theory]
    [InlineData(nameof(SplitBehavior.Removed), "the|final|countdown")]
    [InlineData(nameof(SplitBehavior.Isolated), "the|-|final|-|-|countdown")]
    [InlineData(nameof(SplitBehavior.MergedWithPrevious), "the-|final-|-|countdown")]
    [InlineData(nameof(SplitBehavior.MergedWithNext), "the|-final|-|-countdown")]
    [InlineData(nameof(SplitBehavior.Contiguous), "the|-|final|--|countdown")]
    public void Text_is_split_as_the_documentation_of_Split_says(string behavior, string expected)
    {
        var splitter = new TextSplitter("-", Enum.Parse<SplitBehavior>(behavior));
        ReadOnlySpan<char> rest = "the-final--countdown";
        var words = new List<string>();
        while (splitter.TryNext(ref rest, out ReadOnlySpan<char> word))
        {
            words.Add(word.ToString());
        }

        string.Join('|', words).ShouldBe(expected);
    }

    [Fact]
    public void Added_tokens_honour_their_flags()
    {
        Tokenizer tokenizer = Open(json =>
        {
            JsonArray added = json["added_tokens"]!.AsArray();
            added.Add(TinyTokenizer.Added(16, "<L>", false, "lstrip"));
            added.Add(TinyTokenizer.Added(17, "<R>", false, "rstrip"));
            added.Add(TinyTokenizer.Added(18, "cab", false, "single_word"));
            JsonObject normalized = TinyTokenizer.Added(19, "a c");
            normalized["normalized"] = true;
            added.Add(normalized);
        });

        tokenizer.Encode("a  <L> a", false).ShouldBe([7, 16, 14]);
        tokenizer.Encode("a <R>  a", false).ShouldBe([7, 10, 17, 7]);
        tokenizer.Encode("b cab b", false).ShouldBe([8, 10, 18, 10, 8]);
        tokenizer.Encode("cabb", false).ShouldBe([9, 12, 8]);
        tokenizer.Encode("cab", false).ShouldBe([18]);

        // Looked for after normalization, where the space is a mark, and so its own text is normalized too.
        tokenizer.Encode("ba cb", false).ShouldBe([8, 19, 8]);
        tokenizer.Encode("<turn>a", false, parseSpecial: false).ShouldBe([3, 7]);
        tokenizer.Encode("<turn>a", false).ShouldBe([4, 7]);
    }

    [Fact]
    public void The_longest_of_the_leftmost_tokens_wins()
    {
        Tokenizer tokenizer = Open(json =>
        {
            json["added_tokens"]!.AsArray().Add(TinyTokenizer.Added(16, "<x"));
            json["added_tokens"]!.AsArray().Add(TinyTokenizer.Added(17, "<xy>"));
            json["added_tokens"]!.AsArray().Add(TinyTokenizer.Added(18, "y>aaa"));
        });

        tokenizer.Encode("<xy>aaa", false).ShouldBe([17, 7, 7, 7]);
        tokenizer.Encode("<xy<x", false).ShouldBe([16, 3, 16]);
    }

    [Fact]
    public void What_the_vocabulary_lacks_is_unknown_once_or_each_time()
    {
        // Only one of the 256 bytes is there: "A" has its byte, everything else is unknown.
        Open(_ => { }).Encode("A\u00e9zAa", false).ShouldBe([6, 3, 6, 7]);
        Open(json => json["model"]!["fuse_unk"] = false).Encode("A\u00e9zAa", false).ShouldBe([6, 3, 3, 6, 7]);
        Open(json => json["model"]!["byte_fallback"] = false).Encode("A\u00e9zAa", false).ShouldBe([3, 7]);
        Open(json => json["model"]!["unk_token"] = null).Encode("A\u00e9zAa", false).ShouldBe([6, 6, 7]);
    }

    [Fact]
    public void A_word_that_is_a_piece_may_skip_the_merges()
    {
        // Without its merges "abc" is never made, unless pieces are looked up first.
        Open(json => json["model"]!["merges"] = new JsonArray("a b")).Encode("abc", false).ShouldBe([12, 9]);
        Open(json =>
        {
            json["model"]!["merges"] = new JsonArray("a b");
            json["model"]!["ignore_merges"] = true;
        }).Encode("abc", false).ShouldBe([13]);
    }

    [Fact]
    public void A_prefix_is_put_in_front_and_taken_away()
    {
        Tokenizer tokenizer = Open(json =>
        {
            json["normalizer"] = JsonNode.Parse(
                """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"\u2581"},{"type":"Replace","pattern":{"String":" "},"content":"\u2581"}]}""");
            json["decoder"]!["decoders"]!.AsArray().Add(JsonNode.Parse("""{"type":"Strip","content":" ","start":1,"stop":0}"""));
        });

        tokenizer.Encode("abc", false).ShouldBe([15]);
        tokenizer.Decode([15, 15]).ShouldBe("abc abc");
        TokenDecoder decoder = tokenizer.CreateDecoder();
        decoder.Append(10).ShouldBe("");
        decoder.Append(15).ShouldBe(" abc");
    }

    [Fact]
    public void Settings_say_what_begins_and_ends_a_text()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer.json"], TinyTokenizer.Json().ToJsonString());
        Tokenizer.Open(folder.Path).Encode("a").ShouldBe([2, 7]);
        File.WriteAllText(folder["tokenizer_config.json"], """{"add_bos_token":false,"eos_token":{"content":"<turn>"},"add_eos_token":true}""");

        Tokenizer changed = Tokenizer.Open(folder.Path);
        changed.AddsBos.ShouldBeFalse();
        changed.EosId.ShouldBe(4);
        changed.Encode("a").ShouldBe([7, 4]);
    }

    [Fact]
    public void Added_tokens_of_the_settings_count_beside_a_sentencepiece_model()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["tokenizer.model"], TinyTokenizer.SentencePiece());
        File.WriteAllText(
            folder["tokenizer_config.json"],
            """{"added_tokens_decoder":{"5":{"content":"\n\n","special":true},"16":{"content":"<image>","special":true}}}""");

        Tokenizer tokenizer = Tokenizer.Open(folder.Path);
        tokenizer.VocabularySize.ShouldBe(17);
        tokenizer.Encode("a<image>\n\n").ShouldBe([2, 7, 16, 5]);
        tokenizer.IsSpecial(5).ShouldBeTrue();
    }

    private static Tokenizer Open(Action<JsonObject> change)
    {
        JsonObject json = TinyTokenizer.Json();
        change(json);
        return new Tokenizer(TokenizerJsonFile.Read(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), "file", new TokenizerSettings()));
    }
}
