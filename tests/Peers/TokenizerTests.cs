using System.Diagnostics;
using System.Text;
using Lapidary.Text;
using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>
/// The tokenizers against their references on more than 20,000 strings with the real vocabulary of Gemma 3. LAPIDARY_PEER_TEXTS names folders whose
/// text files are added to the strings.
/// </summary>
public sealed class TokenizerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lapidary-peers-").FullName;

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Ids_of_the_json_form_are_those_of_the_JavaScript_reference()
    {
        var opening = Stopwatch.StartNew();
        Tokenizer tokenizer = Tokenizer.Open(PeerEnvironment.TokenizerFolder);
        Log($"opened in {opening.ElapsedMilliseconds} ms");
        List<string> texts = TokenizerTexts.All(PeerEnvironment.Texts);
        texts.Count.ShouldBeGreaterThan(20_000);
        List<int[]> expected = GemmaVocabulary.JavaScriptIds(texts);

        expected.Count.ShouldBe(texts.Count);
        for (int i = 0; i < texts.Count; i++)
        {
            int[] ids = tokenizer.Encode(texts[i], addBos: false);
            ids.ShouldBe(expected[i], TokenizerTexts.Json(texts[i]));
            tokenizer.Decode(ids).ShouldBe(TokenizerTexts.Decoded(texts[i]).Replace('\u2581', ' '));
        }

        Log($"{texts.Count} strings, {expected.Sum(ids => ids.Length)} ids, all the same");
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma4")]
    public void Ids_of_the_GGUF_forms_are_those_of_llama_cpp(string kind)
    {
        string gguf = Path.Combine(folder, kind + ".gguf");
        GemmaVocabulary.WriteGguf(kind, gguf);
        Tokenizer tokenizer = Tokenizer.Open(gguf);
        Tokenizer json = Tokenizer.Open(PeerEnvironment.TokenizerFolder);
        List<string> texts = [.. TokenizerTexts.All(PeerEnvironment.Texts).Where(text => TokenizerTexts.IsValid(text) && !text.AsSpan().ContainsAny('\0', '\u001e'))];
        texts.Count.ShouldBeGreaterThan(10_000);
        List<int[]> expected = GemmaVocabulary.LlamaIds(gguf, texts);

        expected.Count.ShouldBe(texts.Count);
        int others = 0;
        for (int i = 0; i < texts.Count; i++)
        {
            int[] ids = tokenizer.Encode(texts[i], addBos: false);
            ids.ShouldBe(expected[i], TokenizerTexts.Json(texts[i]));
            if (!ids.SequenceEqual(json.Encode(texts[i], addBos: false)))
            {
                others++;
                IsExplained(kind, texts[i]).ShouldBeTrue(TokenizerTexts.Json(texts[i]));
            }
        }

        Log($"{kind}: {texts.Count} strings, all as in llama.cpp; {others} differ from tokenizer.json");
    }

    [Fact]
    public void Speeds_are_printed()
    {
        Tokenizer tokenizer = Tokenizer.Open(PeerEnvironment.TokenizerFolder);
        List<string> texts = [.. TokenizerTexts.All(PeerEnvironment.Texts).Where(text => text.Length is > 100 and < 20_000).Take(3000)];
        double megabytes = texts.Sum(text => (double)Encoding.UTF8.GetByteCount(text)) / 1e6;
        var watch = Stopwatch.StartNew();
        GemmaVocabulary.JavaScriptIds(texts[..1]);
        TimeSpan start = watch.Elapsed;
        watch.Restart();
        GemmaVocabulary.JavaScriptIds(texts);
        Log($"JavaScript: {megabytes / (watch.Elapsed - start).TotalSeconds:0.00} MB/s, its start of {start.TotalSeconds:0.0} s not counted");
        for (int round = 0; round < 3; round++)
        {
            watch.Restart();
            texts.ForEach(text => tokenizer.Encode(text));
            Log($"Lapidary: {megabytes / watch.Elapsed.TotalSeconds:0.0} MB/s in round {round}");
        }
    }

    // llama.cpp's vocabulary ends before <image_soft_token>. Its converter for Gemma 3 writes the pieces that are runs of U+2581 as runs of spaces,
    // so that the character itself, which no keyboard has, finds other pieces.
    private static bool IsExplained(string kind, string text) =>
        text.Contains("<image_soft_token>", StringComparison.Ordinal) || (kind == "llama" && text.Contains('\u2581'));

    private static void Log(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
