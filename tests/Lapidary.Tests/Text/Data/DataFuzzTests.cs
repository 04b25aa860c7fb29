using System.Text;
using Lapidary.Tests.Checkpoints;
using Lapidary.Tests.Common;
using Lapidary.Text.Data;
using Lapidary.Text.Data.Files;
using Lapidary.Text.Data.Rows;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text.Data;

/// <summary>Mutated data files: whatever happens to a valid one, what comes out can be trained on, and what cannot is counted or refused.</summary>
public class DataFuzzTests
{
    private const string Rows = """
        {"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello\u00e9!"}],"tools":[]}
        {"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]}
        {"prompt":"One two ","completion":"three","x":{"y":[1,2,{}]}}
        {"prompt":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],"completion":[{"role":"model","content":"Hello"}]}
        {"instruction":"Count.","context":"To three.","response":"1 2 3","category":"x"}
        {"input_ids":[2,3,4,0],"labels":[-100,3,4,-100],"attention_mask":[1,1,1,0]}
        {"text":"The quick brown fox \ud83d\ude00 jumps over the lazy dog."}
        """;

    [Fact]
    public void JsonLines() => Fuzz("data.jsonl", Rows);

    [Fact]
    public void JsonArray() => Fuzz("data.json", "[" + Rows.Replace("\n", ",\n", StringComparison.Ordinal) + "]");

    [Fact]
    public void Csv() => Fuzz(
        "data.csv",
        "instruction,context,response\r\nCount,\"To \"\"three\"\", please\r\nnow\",1 2 3\r\n\r\nSay,,\"no\"\r\n",
        "messages,input_ids,text\n\"[{\"\"role\"\":\"\"user\"\",\"\"content\"\":\"\"a\"\"},{\"\"role\"\":\"\"assistant\"\",\"\"content\"\":\"\"b\"\"}]\",,x\n");

    [Fact]
    public void PlainText() => Fuzz("data.txt", "One line.\r\n\r\nAnother one,\nand more.\n\n\n", "\uFEFFéa\n");

    [Fact]
    public void Parquet() => Fuzz("data.parquet", [.. new[] { "messages", "dolly" }.Select(name => File.ReadAllBytes(Fixtures.PathOf($"parquet/{name}.parquet")))]);

    private static void Fuzz(string name, params string[] seeds) => Fuzz(name, [.. seeds.Select(Encoding.UTF8.GetBytes)]);

    private static void Fuzz(string name, byte[][] seeds)
    {
        var options = new TrainingDataOptions { MaxLength = 64, TextUnit = TextUnit.Paragraph };
        int vocabularySize = DataFolder.Tokenizer.VocabularySize;
        var encoder = new RowEncoder(name, options, DataFolder.Tokenizer, DataFolder.Template, vocabularySize);
        FuzzTests.Fuzz(
            seeds,
            bytes =>
            {
                TrainingData data = TrainingData.Load(name, [name], _ => new MemoryStream(bytes), options.TextUnit, _ => encoder, TestContext.Current.CancellationToken);
                data.Count.ShouldBePositive();
                for (int i = 0; i < data.Count; i++)
                {
                    data.Tokens(i).Length.ShouldBeInRange(2, options.MaxLength);
                    data.Labels(i).Length.ShouldBe(data.Tokens(i).Length);
                    data.Tokens(i).ToArray().ShouldAllBe(token => token >= 0 && token < vocabularySize);
                    data.Labels(i)[1..].ToArray().ShouldContain(label => label >= 0);
                }
            });
    }
}
