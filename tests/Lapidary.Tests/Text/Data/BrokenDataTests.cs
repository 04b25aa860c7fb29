using System.Text;
using Lapidary.Tests.Common;
using Lapidary.Text.Data;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text.Data;

public class BrokenDataTests
{
    private const string Good = """{"input_ids":[2,5,6]}""";
    private static readonly Dictionary<string, BrokenFile> Files = BrokenData.All.ToDictionary(file => file.Name);
    private static readonly Dictionary<string, (string Name, Func<byte[]> Json, string Fragment)> Rows = BrokenData.Rows.ToDictionary(row => row.Name);

    public static TheoryData<string> FileNames => [.. Files.Keys];

    public static TheoryData<string> RowNames => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(FileNames))]
    public void A_file_that_nothing_can_be_trained_on_is_refused_with_one_sentence(string name)
    {
        BrokenFile file = Files[name];
        using var folder = new DataFolder();
        string path = file.Make(folder.Path);
        long before = GC.GetAllocatedBytesForCurrentThread();

        string message = Should.Throw<TrainingDataException>(() => DataFolder.Load(path, vocabularySize: 4096)).Message;

        message.ShouldContain(file.Fragment);
        message.ShouldStartWith(folder.Path);
        message.ShouldNotContain("\n");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64_000_000);
    }

    [Theory]
    [MemberData(nameof(RowNames))]
    public void A_row_that_cannot_be_used_is_named_and_the_others_are_used(string name)
    {
        (_, Func<byte[]> json, string fragment) = Rows[name];
        using var folder = new DataFolder();
        byte[] good = Encoding.UTF8.GetBytes(Good);
        string lines = folder.Write("lines.jsonl", [.. good, (byte)'\n', (byte)'\n', .. json(), (byte)'\n', .. good]);

        TrainingData data = DataFolder.Load(lines, vocabularySize: 4096);

        data.Count.ShouldBe(2);
        data.UnusableCount.ShouldBe(1);
        UnusableRow row = data.Unusable.ShouldHaveSingleItem();
        (row.File, row.Line).ShouldBe((lines, 3));
        row.Reason.ShouldContain(fragment);
        row.Reason.ShouldNotContain("\n");
        row.ToString().ShouldStartWith($"{lines}, line 3: ");
    }

    [Fact]
    public void A_row_that_is_not_used_in_an_array_leaves_the_others()
    {
        using var folder = new DataFolder();
        foreach ((string name, Func<byte[]> json, string fragment) in Rows.Values.Where(row => row.Name is not ("row: not JSON" or "row: two values")))
        {
            byte[] good = Encoding.UTF8.GetBytes(Good);
            string array = folder.Write("array.json", [.. "[\n"u8, .. good, .. ",\n"u8, .. json(), .. ",\n"u8, .. good, .. "]\n"u8]);

            TrainingData data = DataFolder.Load(array, vocabularySize: 4096);

            data.Count.ShouldBe(2, name);
            data.Unusable.ShouldHaveSingleItem().Reason.ShouldContain(fragment, Case.Sensitive, name);
            data.Unusable[0].Line.ShouldBe(3, name);
        }
    }

    [Fact]
    public void A_bracket_that_closes_nothing_leaves_the_elements_behind_it()
    {
        using var folder = new DataFolder();
        TrainingData data = DataFolder.Load(folder.Write("array.json", "[" + Good + ",\n}},\n" + Good + "]"));

        data.Count.ShouldBe(2);
        data.Unusable.ShouldHaveSingleItem().Line.ShouldBe(2);
    }

    [Fact]
    public void All_rows_that_cannot_be_used_are_counted_and_the_first_hundred_kept()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.LoadIds(string.Concat(Enumerable.Repeat("{}\n", 1500)) + Good);

        data.Count.ShouldBe(1);
        data.UnusableCount.ShouldBe(1500);
        data.Unusable.Select(row => row.Line).ShouldBe(Enumerable.Range(1, 100));
    }

    [Fact]
    public void What_a_model_lacks_is_said_at_the_first_row_that_needs_it()
    {
        using var folder = new DataFolder();
        string chat = folder.Write("chat.jsonl", Good + "\n" + """{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}""");
        string text = folder.Write("text.jsonl", Good + "\n" + """{"text":"a"}""");

        Should.Throw<TrainingDataException>(() => TrainingData.Load(chat, new(), DataFolder.Tokenizer, null, 4096, TestContext.Current.CancellationToken))
            .Message.ShouldStartWith($"{chat}: holds a conversation in line 2, for which the model needs a chat template, and ");
        Should.Throw<TrainingDataException>(() => TrainingData.Load(chat, new(), null, null, 4096, TestContext.Current.CancellationToken))
            .Message.ShouldStartWith($"{chat}: holds a conversation in line 2, for which the model needs a tokenizer, and it has none");
        Should.Throw<TrainingDataException>(() => TrainingData.Load(text, new(), null, null, 4096, TestContext.Current.CancellationToken))
            .Message.ShouldStartWith($"{text}: holds text in line 2, for which the model needs a tokenizer");
        TrainingData.Load(text, new(), DataFolder.Tokenizer, null, 4096, TestContext.Current.CancellationToken).Count.ShouldBe(2);
    }

    [Fact]
    public void A_file_of_a_folder_that_cannot_be_used_is_named()
    {
        using var folder = new DataFolder();
        folder.Write("a.jsonl", Good);
        folder.Write("b.jsonl", "{}");

        Should.Throw<TrainingDataException>(() => DataFolder.Load(folder.Path)).Message.ShouldStartWith(folder["b.jsonl"] + ": has no row that can be used: the only one");
    }

    [Fact]
    public void Reading_can_be_ended()
    {
        using var folder = new DataFolder();
        string path = folder.Write("data.jsonl", Good);

        Should.Throw<OperationCanceledException>(() => TrainingData.Load(path, new(), null, null, 4096, new CancellationToken(canceled: true)));
    }
}
