using System.Text;
using System.Text.Json;
using Lapidary.Text;
using Lapidary.Text.Tokenizers.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>
/// Vocabularies that are learned here: the reference tokenizer reads their files, and SentencePiece learns nearly the same pieces. LAPIDARY_PEER_TEXTS
/// names folders whose text files are learned from; without it the strings of the tokenizer tests are.
/// </summary>
public sealed class BpeTrainerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lapidary-peers-").FullName;

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Ids_of_a_learned_vocabulary_are_those_of_the_JavaScript_reference()
    {
        List<string> texts = TokenizerTexts.All(PeerEnvironment.Texts);
        List<string> learned = [.. texts.Where(text => text.All(character => character < '\u0250'))];
        string tool = PeerEnvironment.Tool("encode.mjs");
        TrainedTokenizer trained = Train(learned, 640, 0.99);
        string path = Path.Combine(folder, "tokenizer");
        trained.Save(path);
        Tokenizer tokenizer = Tokenizer.Open(path);

        List<int[]> expected = GemmaVocabulary.JavaScriptIds(texts, path);

        expected.Count.ShouldBe(texts.Count);
        for (int i = 0; i < texts.Count; i++)
        {
            int[] ids = tokenizer.Encode(texts[i], addBos: false);
            ids.ShouldBe(expected[i], TokenizerTexts.Json(texts[i]));
            tokenizer.Decode(ids).ShouldBe(TokenizerTexts.Decoded(texts[i]).Replace('\u2581', ' '));
        }

        int tokens = texts.Zip(expected).Where(pair => learned.Contains(pair.First)).Sum(pair => pair.Second.Length);
        ((double)trained.Tokens / tokens).ShouldBe(1, 1e-3);
        Log($"with {Path.GetFileName(tool)}: {texts.Count} strings, {expected.Sum(ids => ids.Length)} ids, all the same; {trained.Tokens} counted while learning");
    }

    [Theory]
    [InlineData(560)]
    [InlineData(640)]
    public void SentencePiece_compresses_as_well(int size)
    {
        // What both treat alike: tabs and half pairs are no text to SentencePiece, which does not mix scripts either.
        string text = string.Join('\n', TokenizerTexts.All(PeerEnvironment.Texts).Where(text =>
            text.All(character => character is >= ' ' and < '\u007f' or '\n' or (>= '\u00c0' and < '\u0180'))));
        string corpus = Path.Combine(folder, "corpus.txt");
        File.WriteAllText(corpus, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        string output = Path.Combine(folder, "learned.json");
        string script = Path.Combine(AppContext.BaseDirectory, "Fixtures", "tokenizers", "make_learned.py");
        RequireSentencePiece();
        ExternalProgram.Run(PeerEnvironment.Python, "-B", script, corpus, size.ToString(), "1", output);
        using JsonDocument learned = JsonDocument.Parse(File.ReadAllText(output));

        TrainedTokenizer trained = Train([text], size, 1);

        double theirs = learned.RootElement.GetProperty("tokens").GetInt64();
        int shared = learned.RootElement.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString()!).Intersect(trained.Pieces).Count();
        int all = learned.RootElement.GetProperty("pieces").GetArrayLength();
        Log($"{text.Length} characters, {size} pieces: {trained.Tokens} tokens, by SentencePiece {theirs}; {shared} of {all} pieces are the same");
        (trained.Tokens / theirs).ShouldBe(1, 0.03);
    }

    private static TrainedTokenizer Train(IEnumerable<string> texts, int size, double coverage) => BpeTrainer.Train(
        texts, new BpeTrainerOptions { VocabularySize = size, CharacterCoverage = coverage }, progress: null, TestContext.Current.CancellationToken);

    private static void RequireSentencePiece()
    {
        try
        {
            ExternalProgram.Run(PeerEnvironment.Python, "-c", "import sentencepiece");
        }
        catch (Exception thrown) when (thrown is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{PeerEnvironment.Python}: expected a Python with sentencepiece, found none.");
        }
    }

    private static void Log(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
