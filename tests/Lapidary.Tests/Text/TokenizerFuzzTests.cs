using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Tests.Checkpoints;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Lapidary.Text.Tokenizers;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text;

/// <summary>Mutated tokenizers: one that is accepted must also encode and decode without fault. See <see cref="FuzzTests"/>.</summary>
public class TokenizerFuzzTests
{
    private static readonly TokenizerSettings NoSettings = new();

    [Fact]
    public void Json()
    {
        JsonObject odd = TinyTokenizer.Json();
        odd["model"]!["merges"] = new JsonArray("a b", "ab c");
        odd["model"]!["ignore_merges"] = true;
        odd["normalizer"] = JsonNode.Parse(
            """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""");
        odd["pre_tokenizer"] = JsonNode.Parse("""{"type":"Split","pattern":{"String":"a"},"behavior":"Isolated","invert":false}""");
        odd["added_tokens"]!.AsArray().Add(TinyTokenizer.Added(16, "<é>", false, "lstrip", "rstrip", "single_word"));
        FuzzTests.Fuzz(
            [.. ((JsonObject[])[TinyTokenizer.Json(), odd]).Select(json => Encoding.UTF8.GetBytes(json.ToJsonString()))],
            bytes => Use(TokenizerJsonFile.Read(bytes, "file", NoSettings)));
    }

    [Fact]
    public void SentencePiece() => FuzzTests.Fuzz(
        [TinyTokenizer.SentencePiece(), TinyTokenizer.SentencePiece(normalizer: TinyTokenizer.Number(3, 1))],
        bytes => Use(SentencePieceFile.Read(bytes, "file", NoSettings)));

    [Fact]
    public void Gguf() => FuzzTests.Fuzz(
        [TinyTokenizer.Gguf().Build(), TinyTokenizer.Gguf("gemma4").Build()],
        bytes => Use(GgufTokenizer.Read(GgufHeader.Parse(bytes, bytes.Length, "file").Metadata, "file")));

    // What is written of a vocabulary that was accepted can be read, and means the same.
    [Fact]
    public void GgufToJson() => FuzzTests.Fuzz(
        [TinyTokenizer.Gguf().Build(), TinyTokenizer.Gguf().Set("tokenizer.ggml.add_space_prefix", true).Set("tokenizer.ggml.add_eos_token", true).Build()],
        bytes =>
        {
            TokenizerParts parts = GgufTokenizer.Read(GgufHeader.Parse(bytes, bytes.Length, "file").Metadata, "file");
            TokenizerFiles files = GgufTokenizerFiles.From(parts, 100, template: null);
            TokenizerParts written;
            try
            {
                TokenizerSettings settings = TokenizerSettings.Parse(files.Settings(), "settings", withAddedTokens: false);
                written = TokenizerJsonFile.Read(files.Tokenizer(), "written", settings);
            }
            catch (CheckpointException thrown)
            {
                throw new InvalidOperationException("What was written cannot be read.", thrown);
            }

            const string Text = "abc  a\n\n\n<turn>b<\u00e9> c<bos> abcab";
            new Tokenizer(written).Encode(Text).ShouldBe(new Tokenizer(parts).Encode(Text));
        });

    [Fact]
    public void Settings() => FuzzTests.Fuzz(
        ["""{"bos_token":"<bos>","eos_token":{"content":"<eos>","lstrip":false},"add_bos_token":true,"added_tokens_decoder":{"4":{"content":"<turn>","special":true}},"x":[{}]}"""u8.ToArray()],
        bytes => TokenizerSettings.Parse(bytes, "file", withAddedTokens: true));

    private static void Use(TokenizerParts parts)
    {
        var tokenizer = new Tokenizer(parts);
        const string Text = "abc  a\n\n\n<turn>b<é> \ud83d\ude00\ud800 c<bos>";
        foreach (bool special in (bool[])[true, false])
        {
            int[] ids = tokenizer.Encode(Text, addBos: special, parseSpecial: special);
            foreach (int id in ids)
            {
                id.ShouldBeInRange(0, tokenizer.VocabularySize - 1);
                tokenizer.IdOf(tokenizer.PieceOf(id)).ShouldBe(id);
            }

            TokenDecoder decoder = tokenizer.CreateDecoder();
            (string.Concat(ids.Select(decoder.Append)) + decoder.Flush()).ShouldBe(tokenizer.Decode(ids));
        }
    }
}
