using Lapidary.Tests.Common;
using Lapidary.Text.Data;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text.Data;

/// <summary>Data to train on in Parquet: the same rows as JSON lines, written by another program from the same values, must give the same examples.</summary>
public class ParquetTrainingTests
{
    [Theory]
    [InlineData("messages", 37, new[] { 5, 10, 15 })]
    [InlineData("dolly", 38, new[] { 8, 9 })]
    [InlineData("ids", 40, new int[0])]
    public void Rows_become_what_those_of_JSON_become(string name, int count, int[] unusable)
    {
        TrainingData data = DataFolder.Load(Fixtures.PathOf($"parquet/{name}.parquet"), vocabularySize: 4096);
        TrainingData expected = DataFolder.Load(Fixtures.PathOf($"parquet/{name}.jsonl"), vocabularySize: 4096);

        data.Count.ShouldBe(count);
        data.Hash.ShouldBe(expected.Hash);
        data.Unusable.Select(row => row.Line).ShouldBe(unusable);
        data.Unusable.Select(row => row.Reason).ShouldBe(expected.Unusable.Select(row => row.Reason));
        for (int i = 0; i < data.Count; i++)
        {
            data.Source(i).Line.ShouldBe(expected.Source(i).Line);
        }
    }

    [Fact]
    public void Errors_name_the_file_and_the_row()
    {
        string path = Fixtures.PathOf("parquet/messages.parquet");
        DataFolder.Load(path).Unusable[0].ToString().ShouldBe($"{path}, row 5: has as messages null where an array of messages was expected");
        Should.Throw<TrainingDataException>(() => TrainingData.Load(path, new(), null, null, 4096, TestContext.Current.CancellationToken))
            .Message.ShouldStartWith($"{path}: holds a conversation in row 1, for which the model needs a tokenizer");
        Should.Throw<TrainingDataException>(() => DataFolder.Load(Fixtures.PathOf("parquet/nested-v1.parquet"))).Message
            .ShouldContain("has no row that can be used: the first of 80, in row 1, has the columns id, choices, deep,");
    }

    [Fact]
    public void A_folder_may_mix_formats_and_files_may_be_listed()
    {
        using var folder = new DataFolder();
        folder.Write("a.jsonl", File.ReadAllBytes(Fixtures.PathOf("parquet/dolly.jsonl")));
        folder.Write("b.parquet", File.ReadAllBytes(Fixtures.PathOf("parquet/messages.parquet")));

        TrainingData data = DataFolder.Load(folder.Path);
        TrainingData listed = TrainingData.Load(
            "both", [folder["a.jsonl"], folder["b.parquet"]], new(), DataFolder.Tokenizer, DataFolder.Template, DataFolder.Tokenizer.VocabularySize, TestContext.Current.CancellationToken);

        data.Count.ShouldBe(75);
        listed.Hash.ShouldBe(data.Hash);
        listed.Path.ShouldBe("both");
    }

    [Fact]
    public void A_file_that_is_broken_is_said()
    {
        using var folder = new DataFolder();
        byte[] bytes = File.ReadAllBytes(Fixtures.PathOf("parquet/messages.parquet"));
        string cut = folder.Write("cut.parquet", bytes[..^20]);
        string other = folder.Write("other.parquet", [.. "{\"text\":\"a\"}\n"u8, .. "{\"text\":\"b\"}\n"u8]);
        bytes.AsSpan(4, 300).Clear();
        string torn = folder.Write("torn.parquet", bytes);

        foreach (string path in new[] { cut, other, torn })
        {
            Should.Throw<TrainingDataException>(() => DataFolder.Load(path)).Message.ShouldStartWith(path + ": ");
        }
    }
}
