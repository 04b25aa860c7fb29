using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lapidary.Text;
using Lapidary.Text.Data;
using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>
/// What is learned of a conversation with the vocabulary and the template of Gemma 3: the text is rendered by <c>@huggingface/jinja</c>, cut
/// where the model's turns begin and end, and made ids piece by piece by <c>@huggingface/tokenizers</c>.
/// </summary>
public sealed partial class TrainingDataTests(ITestOutputHelper log)
{
    private static readonly string[] Conversations =
    [
        """[{"role":"user","content":"Why is the sky blue?"},{"role":"assistant","content":"Because of Rayleigh scattering."}]""",
        """[{"role":"system","content":"Answer in German.\n"},{"role":"user","content":"  Hi! "},{"role":"assistant","content":"\n\nGuten Tag \ud83d\ude00\n"}]""",
        """[{"role":"user","content":"1"},{"role":"assistant","content":"def f(x):\n\n\n    return x\n"},{"role":"user","content":"2"},{"role":"assistant","content":"<b>na\u00efve</b>"}]""",
        """[{"role":"user","content":[{"type":"text","text":"Say <end_of_turn>"}]},{"role":"assistant","content":"..."},{"role":"user","content":"end"}]""",
    ];

    [Fact]
    public void Of_conversations_the_turns_of_the_model_are_learned() =>
        Compare([.. Conversations.Select(text => JsonNode.Parse(text)!.AsArray())], [.. Conversations.Select(text => $$"""{"messages":{{text}}}""")]);

    [Fact]
    public void Of_Dolly_the_responses_are_learned()
    {
        string? path = Environment.GetEnvironmentVariable("LAPIDARY_PEER_DOLLY");
        Assert.SkipWhen(string.IsNullOrEmpty(path), "LAPIDARY_PEER_DOLLY is not set: it names a JSONL file with the columns of databricks-dolly-15k.");
        string[] lines = [.. File.ReadLines(path!).Take(1000)];
        Compare([.. lines.Select(AsConversation)], lines);
    }

    private static JsonArray AsConversation(string line)
    {
        JsonNode row = JsonNode.Parse(line)!;
        string question = (string)row["instruction"]!;
        string context = (string?)row["context"] ?? string.Empty;
        return
        [
            new JsonObject { ["role"] = "user", ["content"] = context.Length == 0 ? question : question + "\n\n" + context },
            new JsonObject { ["role"] = "assistant", ["content"] = (string)row["response"]! },
        ];
    }

    private void Compare(JsonArray[] conversations, string[] lines)
    {
        string template = TemplatePeers.Template("gemma-3");
        Tokenizer tokenizer = Tokenizer.Open(PeerEnvironment.TokenizerFolder);
        string scratch = Directory.CreateTempSubdirectory("lapidary-").FullName;
        try
        {
            JsonElement[] contexts =
                [.. conversations.Select(messages => JsonDocument.Parse(new JsonObject { ["messages"] = messages, ["bos_token"] = "<bos>" }.ToJsonString()).RootElement)];
            string[][] spans = [.. TemplatePeers.HuggingFaceJinja(template, contexts, scratch).Select(text => TurnOfModel().Split(text!))];
            List<int[]> ids = GemmaVocabulary.JavaScriptIds([.. spans.SelectMany(all => all).Where(span => span.Length > 0)]);

            string path = Path.Combine(scratch, "data.jsonl");
            File.WriteAllLines(path, lines);
            TrainingData data = TrainingData.Load(
                path, new TrainingDataOptions { MaxLength = 8192 }, tokenizer, ChatTemplate.ReadFile(template), 262_144, TestContext.Current.CancellationToken);

            data.Count.ShouldBe(lines.Length);
            data.InexactPromptCount.ShouldBe(0);
            int at = 0;
            for (int i = 0; i < data.Count; i++)
            {
                // The separator is a group, so every second span is a turn of the model.
                var tokens = new List<int>();
                var labels = new List<int>();
                for (int span = 0; span < spans[i].Length; span++)
                {
                    int[] piece = spans[i][span].Length > 0 ? ids[at++] : [];
                    tokens.AddRange(piece);
                    labels.AddRange(span % 2 == 1 ? piece : piece.Select(_ => TrainingData.IgnoredLabel));
                }

                data.Tokens(i).ToArray().ShouldBe([.. tokens], lines[i]);
                data.Labels(i).ToArray().ShouldBe([.. labels], lines[i]);
            }

            log.WriteLine($"{data.Count} conversations, {data.TokenCount} tokens, {data.TargetCount} learned");
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    [GeneratedRegex(@"(?<=<start_of_turn>model\n)(.*?<end_of_turn>\n)", RegexOptions.Singleline)]
    private static partial Regex TurnOfModel();
}
