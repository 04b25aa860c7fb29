using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text;

/// <summary>Ids against what the references made of the same strings; Fixtures/tokenizers says how they were made.</summary>
public class TokenizerTests
{
    private static readonly string Folder = Fixtures.PathOf("tokenizers");
    private static readonly JsonElement[] References =
        [.. JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "references.json"))).RootElement.EnumerateArray()];

    private static Tokenizer Pebble => Tokenizer.Open(Path.Combine(Folder, "pebble"));

    public static TheoryData<string, string> Forms => new()
    {
        { "json", "pebble" },
        { "model", "pebble.model" },
        { "gguf", "pebble.gguf" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Ids_are_those_of_the_reference(string reference, string file)
    {
        Tokenizer tokenizer = Tokenizer.Open(Path.Combine(Folder, file));
        foreach (JsonElement row in References.Where(row => row.GetProperty(reference).ValueKind == JsonValueKind.Array))
        {
            string text = Text(row);

            // SentencePiece itself knows no text for its control pieces.
            int[] ids = tokenizer.Encode(text, addBos: false, parseSpecial: reference != "model");
            ids.ShouldBe([.. row.GetProperty(reference).EnumerateArray().Select(id => id.GetInt32())], $"{file}: {text}");
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Decoding_gives_the_text_back_whole_and_in_pieces(string reference, string file)
    {
        _ = reference;
        Tokenizer tokenizer = Tokenizer.Open(Path.Combine(Folder, file));
        foreach (string text in References.Select(Text))
        {
            int[] ids = tokenizer.Encode(text, addBos: false);

            // What is no character becomes U+FFFD, and the mark for a space is one.
            string expected = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\u2581', ' ');
            tokenizer.Decode(ids).ShouldBe(expected);
            TokenDecoder decoder = tokenizer.CreateDecoder();
            var streamed = new StringBuilder();
            foreach (int id in ids)
            {
                string part = decoder.Append(id);
                (part.Length > 0 && char.IsHighSurrogate(part[^1])).ShouldBeFalse();
                streamed.Append(part);
            }

            streamed.Append(decoder.Flush()).ToString().ShouldBe(expected);
        }
    }

    [Fact]
    public void Properties_are_those_of_the_files()
    {
        foreach (string file in (string[])["pebble", "pebble.model", "pebble.gguf"])
        {
            Tokenizer tokenizer = Tokenizer.Open(Path.Combine(Folder, file));
            tokenizer.VocabularySize.ShouldBe(2048, file);
            (tokenizer.PadId, tokenizer.EosId, tokenizer.BosId, tokenizer.UnknownId).ShouldBe((0, 1, 2, 3), file);
            tokenizer.AddsBos.ShouldBeTrue(file);
            tokenizer.IdOf("<end_of_turn>").ShouldBe(106, file);
            tokenizer.PieceOf(107).ShouldBe("\n", file);
            tokenizer.IdOf("no such piece").ShouldBeNull(file);
            tokenizer.IsSpecial(2).ShouldBeTrue(file);
            tokenizer.IsSpecial(107).ShouldBeFalse(file);
            Should.Throw<ArgumentOutOfRangeException>(() => tokenizer.PieceOf(2048));
            Should.Throw<ArgumentOutOfRangeException>(() => tokenizer.PieceOf(-1));
            tokenizer.Decode([2, 5000, -1, 490]).ShouldBe("<bos>el", file);
            Tokenizer.Exists(Path.Combine(Folder, file)).ShouldBeTrue(file);
        }

        Tokenizer.Exists(Folder).ShouldBeFalse();
        Tokenizer.Exists(Path.Combine(Folder, "nothing")).ShouldBeFalse();
        Tokenizer.Exists(Path.Combine(Folder, "references.json")).ShouldBeFalse();
    }

    [Fact]
    public void A_text_gets_one_begin_and_special_text_only_where_asked()
    {
        Tokenizer tokenizer = Pebble;
        tokenizer.Encode(string.Empty).ShouldBe([2]);
        tokenizer.Encode(string.Empty, addBos: false).ShouldBeEmpty();
        tokenizer.Encode("<bos>").ShouldBe([2]);
        tokenizer.Encode("<bos><bos>a").ShouldBe([2, 2, .. tokenizer.Encode("a", addBos: false)]);
        int[] plain = tokenizer.Encode("<bos>", parseSpecial: false);
        plain[0].ShouldBe(2);
        plain.Length.ShouldBeGreaterThan(2);
        tokenizer.Decode(plain.AsSpan(1)).ShouldBe("<bos>");
        tokenizer.Decode(tokenizer.Encode("<start_of_turn>user\nx<end_of_turn>"), skipSpecial: true).ShouldBe("user\nx");
    }

    [Fact]
    public void Bytes_become_characters_as_soon_as_they_are_whole()
    {
        Tokenizer tokenizer = Pebble;
        int Byte(int value) => tokenizer.IdOf($"<0x{value:X2}>")!.Value;
        TokenDecoder decoder = tokenizer.CreateDecoder();
        ((int[])[0xF0, 0x9F, 0x98, 0x80, 0x41]).Select(value => decoder.Append(Byte(value))).ShouldBe(["", "", "", "\U0001f600", "A"]);

        // A character that is cut off, by the end, by text or by another character.
        decoder.Append(Byte(0xE2)).ShouldBe("");
        decoder.Flush().ShouldBe("\ufffd");
        decoder.Append(Byte(0xE2)).ShouldBe("");
        decoder.Append(490).ShouldBe("\ufffdel");
        tokenizer.Decode([Byte(0xE2), Byte(0x82), Byte(0xC3), Byte(0xA9), Byte(0xFF)]).ShouldBe("\ufffd\u00e9\ufffd");
    }

    [Theory]
    [InlineData(' ')]
    [InlineData('\n')]
    [InlineData('a')]
    [InlineData('\u2581')]
    public void A_long_run_takes_no_quadratic_time(char character)
    {
        // A quadratic algorithm would need hours.
        string text = new(character, 1_000_000);
        Tokenizer tokenizer = Pebble;
        tokenizer.Decode(tokenizer.Encode(text, addBos: false)).ShouldBe(text.Replace('\u2581', ' '));
    }

    [Fact]
    public void Threads_share_a_tokenizer()
    {
        Tokenizer tokenizer = Pebble;
        string[] texts = [.. References.Select(Text)];
        int[][] alone = [.. texts.Select(text => tokenizer.Encode(text))];
        Tokenizer shared = Pebble;
        Parallel.For(0, texts.Length * 8, i => shared.Encode(texts[i % texts.Length]).ShouldBe(alone[i % texts.Length]));
    }

    // Half of a surrogate pair is something that JSON can write and JsonElement will not read.
    private static string Text(JsonElement row)
    {
        string raw = row.GetProperty("text").GetRawText();
        var text = new StringBuilder();
        for (int at = 1; at < raw.Length - 1; at++)
        {
            if (raw[at] == '\\' && raw[at + 1] == 'u')
            {
                text.Append((char)Convert.ToInt32(raw.Substring(at + 2, 4), 16));
                at += 5;
            }
            else
            {
                text.Append(raw[at] == '\\' ? JsonNode.Parse($"\"{raw.AsSpan(at++, 2)}\"")!.GetValue<string>() : raw[at].ToString());
            }
        }

        return text.ToString();
    }
}
