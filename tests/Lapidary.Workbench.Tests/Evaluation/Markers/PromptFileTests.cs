using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Evaluation.Markers;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Markers;

/// <summary>Files of prompts and of markers, good and broken.</summary>
public sealed class PromptFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("p.txt", "\uFEFFFirst?\r\n\n  \nSecond one\n", "user:First?|user:Second one")]
    [InlineData("p.jsonl", "{\"text\": \"a\"}\n{\"prompt\": \"b\", \"text\": \"c\"}\n", "user:a|user:b")]
    [InlineData("p.json", "[{\"prompt\": \"a\"}]", "user:a")]
    [InlineData("p.csv", "id,prompt\n1,\"a, b\"\n", "user:a, b")]
    [InlineData("p.jsonl", """{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": [{"type": "text", "text": "a"}]}, {"role": "model", "content": "b"}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]}""", "system:s user:a assistant:b user:c")]
    public void Prompts_are_read(string name, string content, string expected)
    {
        File.WriteAllText(folder[name], content);
        string.Join('|', PromptFile.Read(folder[name], TestContext.Current.CancellationToken).Select(Written)).ShouldBe(expected);

        static string Written(JsonObject document) =>
            string.Join(' ', PromptConversation.Of(document).Select(message => $"{message.Role}:{message.Content}"));
    }

    [Theory]
    [InlineData("p.doc", "x", "has a name where one that ends in .txt, .jsonl, .json, .csv or .parquet was expected")]
    [InlineData("p.txt", " \n", "has 0 lines with a prompt")]
    [InlineData("p.jsonl", "{\"text\": \"a\"}\n{\"question\": \"b\"}\n", "row 2 has none of the columns messages, prompt and text")]
    [InlineData("p.jsonl", "{\"prompt\": [1]}", "row 1 has something else than a text as prompt")]
    [InlineData("p.jsonl", "{\"messages\": \"a\"}", "row 1 has no list of 1 to 4096 objects as messages")]
    [InlineData("p.jsonl", "{\"messages\": []}", "row 1 has no list of 1 to 4096 objects as messages")]
    [InlineData("p.jsonl", "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\"}]}", "row 1 has no message of the user")]
    [InlineData("p.jsonl", "{\"messages\": [{\"role\": \"tool\", \"content\": \"a\"}]}", "row 1 has a message that is no object with a role")]
    [InlineData("p.jsonl", "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image\"}]}]}", "row 1 has a message that is no object with a role")]
    [InlineData("p.jsonl", "{\"messages\": [3]}", "row 1 has a message that is no object with a role")]
    public void What_is_no_prompt_is_refused_in_a_sentence(string name, string content, string fragment)
    {
        File.WriteAllText(folder[name], content);
        CheckpointException thrown = Should.Throw<CheckpointException>(() => PromptFile.Read(folder[name], TestContext.Current.CancellationToken));
        thrown.Message.ShouldStartWith($"{folder[name]}: {fragment}");
        thrown.Message.ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("", "has 0 markers where 1 to 10000 were expected")]
    [InlineData("a\n * \n", "has a marker of nothing but white space and asterisks")]
    [InlineData("not UTF-8", "holds bytes that are no text in UTF-8")]
    public void What_is_no_list_of_markers_is_refused(string content, string fragment)
    {
        File.WriteAllBytes(folder["m.txt"], content == "not UTF-8" ? [0xFF, 0xFE, 0x00] : Encoding.UTF8.GetBytes(content));
        Should.Throw<CheckpointException>(() => MarkerList.Read(folder["m.txt"])).Message.ShouldBe($"{folder["m.txt"]}: {fragment}");
        File.WriteAllText(folder["long.txt"], new string('a', 1001));
        Should.Throw<CheckpointException>(() => MarkerList.Read(folder["long.txt"])).Fact.ShouldBe("has a marker of more than 1000 characters");
        File.WriteAllText(folder["large.txt"], new string('\n', (1 << 20) + 1));
        Should.Throw<CheckpointException>(() => MarkerList.Read(folder["large.txt"])).Fact.ShouldBe("has more than the 1048576 bytes that were expected at most");
        Should.Throw<CheckpointException>(() => MarkerList.Read(folder["none.txt"])).Fact.ShouldBe("does not exist");
    }

    [Fact]
    public void No_bytes_do_anything_but_be_read_or_refused()
    {
        byte[] good = Encoding.UTF8.GetBytes(
            """{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": [{"type": "text", "text": "b"}]}]}""" + "\n{\"prompt\": \"x\"}\n");
        var random = new SplitMix64(11);
        for (int i = 0; i < 1_500; i++)
        {
            byte[] bytes = [.. good];
            for (int change = random.NextInt(4); change >= 0; change--)
            {
                bytes[random.NextInt(bytes.Length)] = (byte)(i % 2 == 0 ? random.NextInt(256) : "[]{}\":,0nt\\u"[random.NextInt(12)]);
            }

            string path = folder[i % 3 == 0 ? "f.txt" : "f.jsonl"];
            File.WriteAllBytes(path, bytes.AsSpan(0, bytes.Length - (i % 5 == 0 ? random.NextInt(bytes.Length) : 0)));
            try
            {
                PromptFile.Read(path, TestContext.Current.CancellationToken).ShouldAllBe(document => PromptConversation.Of(document).Count > 0);
                MarkerList.Read(path);
            }
            catch (CheckpointException thrown)
            {
                thrown.Message.ShouldNotContain("\n");
            }
        }
    }
}
