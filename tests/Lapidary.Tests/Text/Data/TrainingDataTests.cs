using System.Security.Cryptography;
using Lapidary.Text.Data;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text.Data;

public class TrainingDataTests
{
    // Gemma's template and vocabulary: special pieces and line breaks stand for themselves, so the text between them can be encoded alone.
    private const int Bos = 2;
    private const int Eos = 1;
    private const int StartOfTurn = 105;
    private const int EndOfTurn = 106;
    private const int NewLine = 107;

    [Fact]
    public void Ready_ids_need_no_tokenizer()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.LoadIds("""
            {"input_ids":[2,5,6],"labels":[-100,5,6],"extra":{"a":[1]}}

            {"input_ids":[2,7]}
            {"input_ids":[0,2,8,9,0],"attention_mask":[0,1,1,1,0],"labels":[-100,-100,-100,9,-100]}
            """);

        data.Count.ShouldBe(3);
        data.Tokens(0).ToArray().ShouldBe([2, 5, 6]);
        data.Labels(0).ToArray().ShouldBe([-100, 5, 6]);
        data.Labels(1).ToArray().ShouldBe([2, 7]);
        data.Tokens(2).ToArray().ShouldBe([2, 8, 9]);
        data.Labels(2).ToArray().ShouldBe([-100, -100, 9]);
        data.Source(2).ShouldBe((folder["ids.jsonl"], 4));
        data.TokenCount.ShouldBe(8);
        data.TargetCount.ShouldBe(4);
        data.UnusableCount.ShouldBe(0);
    }

    [Fact]
    public void Of_a_conversation_only_what_the_assistant_says_is_learned()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.Load("chat.jsonl", """
            {"messages":[{"role":"user","content":"Hi there"},{"role":"assistant","content":"Hello!"},{"role":"user","content":"Who?"},{"role":"assistant","content":"Me."}]}
            """);

        ShouldHold(data, 0, [.. Turn("Hi there", "Hello!"), .. Turn("Who?", "Me.", isFirst: false)]);
        data.InexactPromptCount.ShouldBe(0);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"Count to three."},{"role":"assistant","content":"1 2 3"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"Count to three."}]},{"role":"model","content":"1 2 3"}],"text":"ignored"}""")]
    [InlineData("""{"conversations":[{"from":"human","value":"Count to three."},{"from":"gpt","value":"1 2 3"}]}""")]
    [InlineData("""{"prompt":[{"role":"user","content":"Count to three."}],"completion":[{"role":"assistant","content":"1 2 3"}]}""")]
    [InlineData("""{"instruction":"Count to three.","context":"","response":"1 2 3","category":"closed_qa"}""")]
    [InlineData("""{"instruction":"Count to three.","response":"1 2 3"}""")]
    [InlineData("""{"instruction":"Count to three.","context":null,"response":"1 2 3"}""")]
    public void All_forms_of_a_conversation_give_the_same(string row)
    {
        using var folder = new DataFolder();
        ShouldHold(folder.Load("row.jsonl", row), 0, Turn("Count to three.", "1 2 3"));
    }

    [Fact]
    public void The_context_of_a_Dolly_row_stands_behind_its_instruction()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.Load("dolly.csv", "instruction,context,response,category\r\n\"Who, \"\"exactly\"\"?\",\"It was\r\nMara.\",Mara,closed_qa\r\n");

        ShouldHold(data, 0, Turn("Who, \"exactly\"?\n\nIt was\r\nMara.", "Mara"));
    }

    [Fact]
    public void A_system_prompt_goes_before_conversations_that_have_none()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.Load(
            "chat.jsonl",
            """
            {"instruction":"Hi","response":"Hello"}
            {"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]}
            """,
            new TrainingDataOptions { SystemPrompt = "Be brief." });

        ShouldHold(data, 0, Turn("Be brief.\n\nHi", "Hello"));
        ShouldHold(data, 1, Turn("Be kind.\n\nHi", "Hello"));
    }

    [Fact]
    public void Of_a_prompt_that_is_a_conversation_nothing_is_learned()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.Load("chat.jsonl", """
            {"prompt":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}],"completion":[{"role":"assistant","content":"d"}]}
            """);

        ShouldHold(data, 0, [.. Turn("a", "b").Select(span => (false, span.Tokens)), .. Turn("c", "d", isFirst: false)]);
    }

    [Fact]
    public void A_completion_is_learned_with_its_end()
    {
        using var folder = new DataFolder();
        const string Rows = """
            {"prompt":"Two and two make","completion":" four."}
            {"prompt":"<bos>Two and two make","completion":" four.<eos>"}
            {"prompt":"","completion":"Four."}
            """;
        TrainingData data = folder.Load("prompt.jsonl", Rows);

        ShouldHold(data, 0, (false, [Bos, .. Ids("Two and two make")]), (true, [.. Ids(" four."), Eos]));
        ShouldHold(data, 1, (false, [Bos, .. Ids("Two and two make")]), (true, [.. Ids(" four."), Eos]));
        ShouldHold(data, 2, (false, [Bos]), (true, [.. Ids("Four."), Eos]));
        data.InexactPromptCount.ShouldBe(0);

        TrainingData whole = folder.Load("prompt.jsonl", Rows, new TrainingDataOptions { CompletionOnlyLoss = false });
        ShouldHold(whole, 0, (true, [Bos, .. Ids("Two and two make four."), Eos]));
    }

    [Fact]
    public void Where_a_piece_reaches_over_the_begin_of_the_completion_the_loss_begins_with_it()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.Load("prompt.jsonl", """{"prompt":"Two and two make ","completion":"four."}""");

        data.InexactPromptCount.ShouldBe(1);
        ShouldHold(data, 0, (false, [Bos, .. Ids("Two and two make")]), (true, [.. Ids(" four."), Eos]));
    }

    [Fact]
    public void With_the_loss_on_everything_a_conversation_is_learned_whole()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.Load("row.jsonl", """{"instruction":"a","response":"b"}""", new TrainingDataOptions { CompletionOnlyLoss = false });

        ShouldHold(data, 0, [.. Turn("a", "b").Select(span => (true, span.Tokens))]);
    }

    [Fact]
    public void A_row_that_is_too_long_is_cut_at_its_end()
    {
        using var folder = new DataFolder();
        (bool Learned, int[] Tokens)[] turn = Turn("Hi", "One two three four five six seven eight nine ten.");
        TrainingData data = folder.Load(
            "row.jsonl",
            """{"instruction":"Hi","response":"One two three four five six seven eight nine ten."}""" + "\n" + """{"instruction":"Hi","response":"x"}""",
            new TrainingDataOptions { MaxLength = turn[0].Tokens.Length + 5 });

        data.TruncatedCount.ShouldBe(1);
        ShouldHold(data, 0, turn[0], (true, turn[1].Tokens[..5]));
        data.Count.ShouldBe(2);
    }

    [Fact]
    public void Text_is_learned_whole_between_its_begin_and_its_end()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.Load("text.jsonl", """{"text":"A small stone."}""");

        ShouldHold(data, 0, (true, [Bos, .. Ids("A small stone."), Eos]));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(17)]
    [InlineData(38)]
    [InlineData(1024)]
    public void Of_a_long_text_every_token_is_learned_once_and_behind_the_one_before_it(int maxLength)
    {
        using var folder = new DataFolder();
        const string Text = "A small stone lies by the river, and nobody knows how it came there. It is grey; it is old.";
        int[] whole = [Bos, .. Ids(Text), Eos];
        TrainingData data = folder.Load("text.txt", "\n" + Text + "\n\n", new TrainingDataOptions { MaxLength = maxLength });

        var learned = new List<int>();
        for (int i = 0; i < data.Count; i++)
        {
            data.Tokens(i).Length.ShouldBeLessThanOrEqualTo(maxLength);
            data.Tokens(i)[0].ShouldBe(Bos);
            data.Source(i).ShouldBe((folder["text.txt"], 2));
            for (int t = 1; t < data.Tokens(i).Length; t++)
            {
                if (data.Labels(i)[t] != TrainingData.IgnoredLabel)
                {
                    data.Labels(i)[t].ShouldBe(data.Tokens(i)[t]);
                    data.Tokens(i)[t - 1].ShouldBe(whole[learned.Count]);
                    learned.Add(data.Tokens(i)[t]);
                }
            }
        }

        learned.ShouldBe(whole[1..]);
        data.TargetCount.ShouldBe(learned.Count);
        data.TruncatedCount.ShouldBe(0);

        TrainingData cut = folder.Load("text.txt", Text, new TrainingDataOptions { MaxLength = maxLength, SplitLongText = false });
        cut.Count.ShouldBe(1);
        cut.Tokens(0).ToArray().ShouldBe(whole[..Math.Min(maxLength, whole.Length)]);
        cut.TruncatedCount.ShouldBe(maxLength < whole.Length ? 1 : 0);
    }

    [Fact]
    public void Text_files_are_one_document_or_one_for_each_paragraph_or_line()
    {
        using var folder = new DataFolder();
        string path = folder.Write("text.txt", "\uFEFF\na\n\nb\nc\r\n\r\n \r\nd");

        Documents(TextUnit.File).ShouldBe([(2, "a\n\nb\nc\n\n\nd")]);
        Documents(TextUnit.Paragraph).ShouldBe([(2, "a"), (4, "b\nc"), (8, "d")]);
        Documents(TextUnit.Line).ShouldBe([(2, "a"), (4, "b"), (5, "c"), (8, "d")]);

        (int Line, string Text)[] Documents(TextUnit unit)
        {
            TrainingData data = DataFolder.Load(path, new TrainingDataOptions { TextUnit = unit });
            return [.. Enumerable.Range(0, data.Count).Select(i => (data.Source(i).Line, DataFolder.Tokenizer.Decode(data.Tokens(i)[1..^1])))];
        }
    }

    [Fact]
    public void A_very_long_text_loses_nothing_where_it_is_read_in_parts()
    {
        using var folder = new DataFolder();
        string text = string.Join('\n', Enumerable.Range(0, 60_000).Select(i => i % 50 == 7 ? string.Empty : $"Line {i} of the story."));
        TrainingData data = folder.Load("long.txt", text);

        var learned = new List<int>();
        for (int i = 0; i < data.Count; i++)
        {
            foreach (int label in data.Labels(i)[1..])
            {
                if (label != TrainingData.IgnoredLabel)
                {
                    learned.Add(label);
                }
            }
        }

        learned[^1].ShouldBe(Eos);
        DataFolder.Tokenizer.Decode(learned.ToArray().AsSpan()[..^1]).ShouldBe(text);
        learned.ShouldNotContain(Bos);
        learned.Count(token => token == Eos).ShouldBe(1);
    }

    [Fact]
    public void Formats_are_told_by_their_content_where_the_name_says_nothing()
    {
        using var folder = new DataFolder();
        (bool, int[])[] expected = [(true, [Bos, .. Ids("a, b"), Eos])];
        foreach ((string name, string content) in ((string, string)[])[
            ("a.json", """[{"text":"a, b"}]"""), ("b.json", """{"text":"a, b"}"""), ("c.jsonl", """ [ {"text":"a, b"} , ] """), ("d", """{"text":"a, b"}"""),
            ("e", "id,text\n1,\"a, b\""), ("f.csv", "text\n\"a, b\"\n"), ("g", "a, b"), ("h.md", "a, b\n"), ("i.data", """[{"text":"a, b"}]""")])
        {
            TrainingData data = folder.Load(name, content);
            data.Count.ShouldBe(1, name);
            ShouldHold(data, 0, expected);
        }
    }

    [Fact]
    public void Lists_in_cells_of_CSV_are_JSON()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.Load("ids.csv", "input_ids,labels\n\"[2,3,4]\",\"[-100,3,4]\"\n\"[2,5]\",\n");

        data.Labels(0).ToArray().ShouldBe([-100, 3, 4]);
        data.Labels(1).ToArray().ShouldBe([2, 5]);
    }

    [Fact]
    public void The_files_of_a_folder_come_in_the_order_of_their_names()
    {
        using var folder = new DataFolder();
        folder.Write("b.jsonl", """{"input_ids":[2,11]}""");
        folder.Write("a.txt", "A stone.");
        folder.Write("B.json", """[{"input_ids":[2,10]}]""");
        folder.Write("README.md", "Not data.");
        folder.Write(".hidden.jsonl", "Not data.");
        TrainingData data = DataFolder.Load(folder.Path);

        Enumerable.Range(0, data.Count).Select(i => Path.GetFileName(data.Source(i).File)).ShouldBe(["B.json", "a.txt", "b.jsonl"]);
        data.Path.ShouldBe(folder.Path);
    }

    [Fact]
    public void A_part_is_kept_out_for_validation()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.LoadIds("{}\n" + string.Join('\n', Enumerable.Range(0, 101).Select(i => $$"""{"input_ids":[2,{{i}}]}""")));
        (TrainingData training, TrainingData validation) = data.Split(0.1, 3);

        (training.Count, validation.Count).ShouldBe((90, 11));
        int[] kept = Numbers(training);
        int[] held = Numbers(validation);
        kept.ShouldBe(kept.Order());
        held.ShouldBe(held.Order());
        kept.Concat(held).Order().ShouldBe(Enumerable.Range(0, 101));
        (training.TokenCount + validation.TokenCount, training.TargetCount + validation.TargetCount).ShouldBe((data.TokenCount, data.TargetCount));
        (training.UnusableCount, validation.UnusableCount).ShouldBe((1, 0));
        Numbers(data.Split(0.1, 3).Validation).ShouldBe(held);
        Numbers(data.Split(11, 3).Validation).ShouldBe(held);
        Numbers(data.Split(0.1, 4).Validation).ShouldNotBe(held);
        new[] { data.Hash, training.Hash, validation.Hash }.Distinct().Count().ShouldBe(3);

        Should.Throw<TrainingDataException>(() => data.Split(101, 3)).Message.ShouldBe(
            $"{folder["ids.jsonl"]}: has 101 examples where more than 101 were expected, so that some are left beside the validation");
        foreach (double wrong in (double[])[0, -1, 1.5, double.NaN])
        {
            Should.Throw<ArgumentOutOfRangeException>(() => data.Split(wrong, 3));
        }

        static int[] Numbers(TrainingData some) => [.. Enumerable.Range(0, some.Count).Select(i => some.Tokens(i)[1])];
    }

    [Fact]
    public void The_hash_is_that_of_all_that_is_seen()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.LoadIds("""
            {"input_ids":[2,5,6],"labels":[-100,5,6]}
            {"input_ids":[2,7]}
            """);

        int[] seen = [3, 2, 5, 6, -100, 5, 6, 2, 2, 7, 2, 7];
        byte[] bytes = [.. seen.SelectMany(BitConverter.GetBytes)];
        data.Hash.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    private static int[] Ids(string text) => DataFolder.Tokenizer.Encode(text, addBos: false);

    // What Gemma's template writes for a question and its answer.
    private static (bool Learned, int[] Tokens)[] Turn(string question, string answer, bool isFirst = true) =>
    [
        (false, [.. isFirst ? [Bos] : Array.Empty<int>(), StartOfTurn, .. Ids("user"), NewLine, .. Ids(question), EndOfTurn, NewLine, StartOfTurn, .. Ids("model"), NewLine]),
        (true, [.. Ids(answer), EndOfTurn, NewLine]),
    ];

    private static void ShouldHold(TrainingData data, int example, params (bool Learned, int[] Tokens)[] spans)
    {
        data.Tokens(example).ToArray().ShouldBe(spans.SelectMany(span => span.Tokens));
        data.Labels(example).ToArray().ShouldBe(spans.SelectMany(span => span.Learned ? span.Tokens : [.. span.Tokens.Select(_ => TrainingData.IgnoredLabel)]));
    }
}
