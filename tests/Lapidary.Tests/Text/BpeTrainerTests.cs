using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Lapidary.Text.Tokenizers.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text;

/// <summary>Vocabularies that are learned here, against <see cref="NaiveBpe"/> and against the files of a vocabulary that SentencePiece learned.</summary>
public sealed class BpeTrainerTests : IDisposable
{
    // The pieces of Gemma 3 that are no text, and the bytes.
    private const int Fixed = 168 + 256;

    private static readonly string[] Sentences = File.ReadAllLines(Fixtures.PathOf("tokenizers/sentences.txt"));

    private readonly TemporaryFolder folder = new();

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(16)]
    [InlineData(3)]
    public void Pieces_of_prose_are_those_of_the_definition(int maxPieceLength) => Compare(Sentences, 400, maxPieceLength);

    [Fact]
    public void Pieces_and_tokens_are_those_of_SentencePiece()
    {
        JsonNode expected = JsonNode.Parse(File.ReadAllText(Fixtures.PathOf("tokenizers/learned.json")))!;

        TrainedTokenizer trained = Train([File.ReadAllText(Fixtures.PathOf("tokenizers/sentences.txt"))], Options(700));

        trained.Pieces.Skip(Fixed).ShouldBe(expected["pieces"]!.AsArray().Select(piece => piece!.GetValue<string>()));
        trained.Tokens.ShouldBe(expected["tokens"]!.GetValue<long>());
    }

    [Fact]
    public void Pieces_of_difficult_texts_are_those_of_the_definition() => Compare(
        ["caf\u00e9 cafe\u0301 don't e.g. 3.14 a1b22 x_y (((a))) -- -- \t\tif (x) { }", "a  b   c", "\U0001f600\U0001f600 \U0001f600!\uff01\uff01 \u0000\ufffd",
            "\u05e9\u05dc\u05d5\u05dd \u0905\u092d\u0940 \u65e5\u672c\u8a9e\u65e5\u672c", "\u0301 \u0301x \u0301( trailing "],
        40,
        16);

    [Fact]
    public void Pieces_of_few_characters_are_those_of_the_definition()
    {
        // Runs and overlaps, where a new piece often makes room for an older one.
        for (ulong seed = 0; seed < 60; seed++)
        {
            var random = new SplitMix64(seed);
            string[] texts = [.. Enumerable.Range(0, 12).Select(_ => new string(
                [.. Enumerable.Range(0, 1 + random.NextInt(14)).Select(_ => "aab "[random.NextInt(4)])]))];
            Compare(texts, 30, 12);
        }
    }

    [Fact]
    public void The_order_of_texts_does_not_matter()
    {
        byte[] forward = Bytes(Sentences);
        byte[] backward = Bytes(Sentences.Reverse());
        byte[] inOne = Bytes([string.Join('\n', Sentences)]);

        backward.ShouldBe(forward);
        inOne.ShouldBe(forward);

        byte[] Bytes(IEnumerable<string> texts)
        {
            Train(texts, Options(700)).Save(folder["order"], overwrite: true);
            return File.ReadAllBytes(folder["order/tokenizer.json"]);
        }
    }

    [Fact]
    public void The_files_are_those_of_a_vocabulary_that_SentencePiece_learned()
    {
        // The same pieces, written here: everything else of both files must be what make_tokenizer.py wrote.
        string json = File.ReadAllText(Fixtures.PathOf("tokenizers/pebble/tokenizer.json"));
        string[] pieces =
        [
            .. JsonNode.Parse(json)!["model"]!["vocab"]!.AsObject().OrderBy(piece => piece.Value!.GetValue<int>()).Select(piece => piece.Key),
        ];
        var added = GemmaPieces.AddedTokens([]);
        string[] learned = [.. pieces.Skip(Fixed).Where(piece => piece.EnumerateRunes().Count() > 1)];

        JsonNode written = JsonNode.Parse(TrainedTokenizerFiles.Tokenizer(pieces, learned, added))!;
        JsonNode settings = JsonNode.Parse(TrainedTokenizerFiles.Settings(added))!;

        JsonNode.DeepEquals(written, JsonNode.Parse(json)).ShouldBeTrue();
        JsonNode.DeepEquals(settings, JsonNode.Parse(File.ReadAllText(Fixtures.PathOf("tokenizers/pebble/tokenizer_config.json")))).ShouldBeTrue();
    }

    [Fact]
    public void Every_merge_makes_a_piece_of_two_and_the_ids_are_those_of_Gemma()
    {
        Tokenizer tokenizer = Open(Train(Sentences, Options(600)));

        tokenizer.VocabularySize.ShouldBe(600);
        (tokenizer.PadId, tokenizer.EosId, tokenizer.BosId, tokenizer.UnknownId).ShouldBe((0, 1, 2, 3));
        tokenizer.AddsBos.ShouldBeTrue();
        tokenizer.Encode("<start_of_turn>user\n\n<end_of_turn>")[..2].ShouldBe([2, 105]);
        tokenizer.Encode("\n\n\n<end_of_turn>").ShouldBe([2, 109, 106]);
        JsonNode model = JsonNode.Parse(File.ReadAllText(folder["tokenizer/tokenizer.json"]))!["model"]!;
        JsonObject vocabulary = model["vocab"]!.AsObject();
        vocabulary.Select(piece => piece.Value!.GetValue<int>()).ShouldBe(Enumerable.Range(0, 600));
        foreach (JsonNode? merge in model["merges"]!.AsArray())
        {
            vocabulary.ContainsKey(merge![0]!.GetValue<string>() + merge[1]!.GetValue<string>()).ShouldBeTrue(merge.ToJsonString());
        }
    }

    [Fact]
    public void Any_text_comes_back()
    {
        Tokenizer tokenizer = Open(Train(Sentences, Options(800)));
        Gen<string> parts = Gen.Elements(
            " ", "  ", "   ", "\n", "\t", "\r\n", "the", " pebble", "\u2581", "\U0001f600", "\u65e5\u672c", "e\u0301", "<bos>", "<unused7>", "\0", "\ufffd", "1234", "<0x41>");
        Gen<string> any = ArbMap.Default.GeneratorFor<string>().Select(text => text ?? string.Empty);
        Gen<string> texts = Gen.OneOf(any, parts).ListOf().Select(list => string.Concat(list));
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            int[] ids = tokenizer.Encode(text, addBos: false);
            string expected = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\u2581', ' ');
            return ids.All(id => id is >= 0 and < 800) && tokenizer.Decode(ids) == expected;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Tokens_are_counted_as_they_are_encoded()
    {
        string[] texts =
        [
            .. Sentences, "a  b   c" + new string(' ', 70) + "d", "\n\n\n", new string('\n', 40), "<start_of_turn>user\nHi 123<end_of_turn>\n",
            "\u05e9\u05dc\u05d5\u05dd \U0001f600 \ud800 x\udc00", "", " ",
        ];
        foreach (double coverage in (double[])[1, 0.99, 0.9])
        {
            TrainedTokenizer trained = Train(texts, Options(600) with { CharacterCoverage = coverage });
            Tokenizer tokenizer = Open(trained);

            trained.Texts.ShouldBe(texts.Length);
            trained.Characters.ShouldBe(texts.Sum(text => text.EnumerateRunes().Count()));
            trained.Tokens.ShouldBe(texts.Sum(text => tokenizer.Encode(text, addBos: false).Length), $"coverage {coverage}");
        }
    }

    [Fact]
    public void Pieces_keep_to_their_limits()
    {
        string[] texts = [.. Sentences, "in 1984 and 1985 and 1986", "naive naive naive (((((( ((((((", "don't don't don't"];
        TrainedTokenizer trained = Train(texts, Options(900) with { MaxPieceLength = 6 });

        foreach (string piece in trained.LearnedPieces)
        {
            piece.EnumerateRunes().Count().ShouldBeLessThanOrEqualTo(6);
            piece.LastIndexOf('\u2581').ShouldBeLessThanOrEqualTo(0, piece);
            piece.Any(char.IsDigit).ShouldBeFalse(piece);
            string text = piece.TrimStart('\u2581');
            (text.All(char.IsLetter) || !text.Any(char.IsLetter)).ShouldBeTrue(piece);
        }

        Train(texts, Options(900) with { SplitDigits = false }).LearnedPieces.ShouldContain("\u2581198");
    }

    [Fact]
    public void User_defined_symbols_are_always_one_piece()
    {
        TrainedTokenizer trained = Train([.. Sentences, "a<tool>b the pebble"], Options(600) with { UserDefinedSymbols = ["<tool>", "the pebble"] });
        Tokenizer tokenizer = Open(trained);

        tokenizer.Encode("<tool>the pebble", addBos: false).ShouldBe([Fixed, Fixed + 1]);
        tokenizer.Decode([Fixed, Fixed + 1]).ShouldBe("<tool>the pebble");
        foreach (string[] wrong in (string[][])[[""], ["\u2581x"], ["\ud800"], ["<bos>"], ["<0x41>"], ["a", "a"], [new string('x', 2000)]])
        {
            Should.Throw<ArgumentException>(() => Train(Sentences, Options(600) with { UserDefinedSymbols = wrong }));
        }
    }

    [Fact]
    public void Options_out_of_range_are_refused_before_a_text_is_read()
    {
        foreach (BpeTrainerOptions wrong in (BpeTrainerOptions[])
            [
                Options(424), Options(262_145), Options(600) with { MaxPieceLength = 1 }, Options(600) with { MaxPieceLength = 65 },
                Options(600) with { CharacterCoverage = 0 }, Options(600) with { CharacterCoverage = 1.01 }, Options(600) with { CharacterCoverage = double.NaN },
            ])
        {
            Should.Throw<ArgumentOutOfRangeException>(() => Train(Unreadable(), wrong));
        }

        static IEnumerable<string> Unreadable() => Enumerable.Range(0, 1).Select<int, string>(_ => throw new InvalidOperationException());
    }

    [Fact]
    public void Texts_that_do_not_fit_the_size_are_refused_with_the_sizes_that_do()
    {
        Should.Throw<TokenizerTrainingException>(() => Train(["ab ab"], Options(600))).Message
            .ShouldBe($"expected texts for 600 pieces, found enough for {Fixed + 3 + 2}");
        Should.Throw<TokenizerTrainingException>(() => Train([], Options(600))).Message
            .ShouldBe($"expected texts for 600 pieces, found enough for {Fixed + 1}");
        Should.Throw<TokenizerTrainingException>(() => Train(["abcdef"], Options(425))).Message
            .ShouldStartWith($"expected a vocabulary of at least {Fixed + 7} pieces for the 7 characters of the texts, found one of 425");
        Train(["ab ab"], Options(Fixed + 5)).LearnedPieces.ShouldBe(["ab", "\u2581ab"]);
    }

    [Fact]
    public void A_wish_to_stop_is_heard_while_reading_and_while_learning()
    {
        using var stop = new CancellationTokenSource();
        var reports = new List<BpeTrainerProgress>();
        IEnumerable<string> texts = Enumerable.Repeat(Sentences, 60).SelectMany(lines => lines);
        var progress = new Listener(report =>
        {
            reports.Add(report);
            if (report.Pieces > 0)
            {
                stop.Cancel();
            }
        });

        Should.Throw<OperationCanceledException>(() => BpeTrainer.Train(texts, Options(700), progress, stop.Token));
        reports[0].Texts.ShouldBe(1024);
        reports[^1].Pieces.ShouldBeInRange(Fixed, 600);
        Should.Throw<OperationCanceledException>(() => BpeTrainer.Train(texts, Options(700), null, stop.Token));
    }

    [Fact]
    public void A_word_of_a_million_characters_is_cut()
    {
        var random = new SplitMix64(3);
        string text = new([.. Enumerable.Range(0, 1_000_000).Select(_ => (char)('a' + random.NextInt(4)))]);
        TrainedTokenizer trained = Train([text], Options(1000));
        Tokenizer tokenizer = Open(trained);

        tokenizer.Decode(tokenizer.Encode(text, addBos: false)).ShouldBe(text);
        ((double)trained.Tokens / tokenizer.Encode(text, addBos: false).Length).ShouldBe(1, 0.01);
    }

    private static void Compare(string[] texts, int count, int maxPieceLength)
    {
        List<string> expected = NaiveBpe.Learn(texts.Select(text => text.Replace('\0', '\n')), count, maxPieceLength);
        int characters = texts.SelectMany(text => text.EnumerateRunes()).Where(rune => rune.Value is not 0 and not '\n').Append(new Rune(' ')).Distinct().Count();
        TrainedTokenizer trained = Train(
            texts, Options(Fixed + characters + expected.Count) with { MaxPieceLength = maxPieceLength });

        trained.LearnedPieces.ShouldBe(expected, string.Join('|', texts));
    }

    private static TrainedTokenizer Train(IEnumerable<string> texts, BpeTrainerOptions options) =>
        BpeTrainer.Train(texts, options, progress: null, TestContext.Current.CancellationToken);

    private static BpeTrainerOptions Options(int size) => new() { VocabularySize = size, CharacterCoverage = 1 };

    private Tokenizer Open(TrainedTokenizer trained)
    {
        trained.Save(folder["tokenizer"], overwrite: true);
        return Tokenizer.Open(folder["tokenizer"]);
    }

    // Progress<T> would post to the thread pool.
    private sealed class Listener(Action<BpeTrainerProgress> report) : IProgress<BpeTrainerProgress>
    {
        public void Report(BpeTrainerProgress value) => report(value);
    }
}
