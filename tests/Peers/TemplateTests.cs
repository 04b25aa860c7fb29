using System.Text.Json;
using Lapidary.Text;
using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>The templates of Google's models give what Python's Jinja2 and <c>@huggingface/jinja</c> make of them.</summary>
public sealed class TemplateTests(ITestOutputHelper log)
{
    // Where the two references differ, Jinja2 is right. These are all such conversations that @huggingface/jinja does not fail on: it goes on
    // after messages[0] of an empty list, and writes nothing for None.
    private static readonly (string Template, string Conversation)[] KnownDifferences =
    [
        ("gemma-2", "no messages"), ("gemma-3", "no messages"), ("gemma-3n", "no messages"), ("gemma-2", "content is null"),
        ("gemma-4", "no messages"), ("gemma-4-interleaved", "no messages"),
        ("gemma-4", "values of arguments"), ("gemma-4-interleaved", "values of arguments"),
    ];

    private static readonly (string Name, JsonElement Context)[] Conversations =
        [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "templates", "conversations.json")))
            .RootElement.EnumerateArray().Select(one => (one.GetProperty("name").GetString()!, one.GetProperty("context")))];

    public static TheoryData<string> Templates => ["gemma-2", "gemma-3", "gemma-3n", "gemma-4", "gemma-4-interleaved"];

    [Theory]
    [MemberData(nameof(Templates))]
    public void Conversations_become_what_Jinja2_makes_of_them(string name)
    {
        string path = TemplatePeers.Template(name);
        string?[] ours = Render(path);
        string?[] theirs = WithScratch(scratch => TemplatePeers.Jinja2(path, Contexts, scratch));

        for (int i = 0; i < ours.Length; i++)
        {
            ours[i].ShouldBe(theirs[i], Conversations[i].Name);
        }

        log.WriteLine($"{name}: {ours.Length} conversations, {ours.Count(text => text is null)} refused by both");
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void Conversations_become_what_the_JavaScript_reference_makes_of_them(string name)
    {
        string path = TemplatePeers.Template(name);
        string?[] ours = Render(path);
        string?[] theirs = WithScratch(scratch => TemplatePeers.HuggingFaceJinja(path, Contexts, scratch));

        int same = 0;
        for (int i = 0; i < ours.Length; i++)
        {
            string conversation = Conversations[i].Name;
            if (ours[i] == theirs[i])
            {
                same++;
            }
            else if (theirs[i] is null || KnownDifferences.Contains((name, conversation)))
            {
                log.WriteLine($"{name}, {conversation}: {(theirs[i] is null ? "the reference fails" : "a known difference")}");
            }
            else
            {
                ours[i].ShouldBe(theirs[i], conversation);
            }
        }

        log.WriteLine($"{name}: {same} of {ours.Length} conversations are the same");
        same.ShouldBeGreaterThanOrEqualTo(80);
    }

    [Theory]
    [InlineData("gemma-2", "<end_of_turn>")]
    [InlineData("gemma-3", "<end_of_turn>")]
    [InlineData("gemma-3n", "<end_of_turn>")]
    [InlineData("gemma-4", "<turn|> <|tool_response>")]
    public void The_end_of_a_turn_is_found(string name, string pieces) =>
        string.Join(' ', ChatTemplate.ReadFile(TemplatePeers.Template(name)).EndOfTurnPieces).ShouldBe(pieces);

    private static JsonElement[] Contexts => [.. Conversations.Select(one => one.Context)];

    private static string?[] Render(string path)
    {
        ChatTemplate template = ChatTemplate.ReadFile(path);
        return [.. Contexts.Select(context => Render(template, context))];
    }

    private static string? Render(ChatTemplate template, JsonElement context)
    {
        try
        {
            return template.Render(new ChatTemplateInput
            {
                Messages = [],
                Variables = context.EnumerateObject().ToDictionary(property => property.Name, property => property.Value),
            });
        }
        catch (ChatTemplateException)
        {
            return null;
        }
    }

    private static string?[] WithScratch(Func<string, string?[]> ask)
    {
        string scratch = Directory.CreateTempSubdirectory("lapidary-").FullName;
        try
        {
            return ask(scratch);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }
}
