using System.Security.Cryptography;
using Lapidary.Text.Data;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text.Data;

public class TrainingDataTests
{
    // Gemma's template and vocabulary: special pieces and line breaks stand for themselves, so the text between them can be encoded alone.
    private const int Bos = 2;
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

        (int[] tokens, bool[] learned) = Expected(
            (false, [Bos, StartOfTurn, .. Ids("user"), NewLine, .. Ids("Hi there"), EndOfTurn, NewLine, StartOfTurn, .. Ids("model"), NewLine]),
            (true, [.. Ids("Hello!"), EndOfTurn, NewLine]),
            (false, [StartOfTurn, .. Ids("user"), NewLine, .. Ids("Who?"), EndOfTurn, NewLine, StartOfTurn, .. Ids("model"), NewLine]),
            (true, [.. Ids("Me."), EndOfTurn, NewLine]));
        ShouldHold(data, 0, tokens, learned);
        data.InexactPromptCount.ShouldBe(0);
    }

    [Fact]
    public void Text_is_learned_whole_between_its_begin_and_its_end()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.Load("text.jsonl", """{"text":"A small stone."}""");

        data.Tokens(0).ToArray().ShouldBe([Bos, .. Ids("A small stone."), 1]);
        data.Labels(0).ToArray().ShouldBe(data.Tokens(0).ToArray());
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

    private static (int[] Tokens, bool[] Learned) Expected(params (bool Learned, int[] Tokens)[] spans) =>
        ([.. spans.SelectMany(span => span.Tokens)], [.. spans.SelectMany(span => span.Tokens.Select(_ => span.Learned))]);

    private static void ShouldHold(TrainingData data, int example, int[] tokens, bool[] learned)
    {
        data.Tokens(example).ToArray().ShouldBe(tokens);
        data.Labels(example).ToArray().ShouldBe([.. tokens.Select((token, at) => learned[at] ? token : -100)]);
    }
}
