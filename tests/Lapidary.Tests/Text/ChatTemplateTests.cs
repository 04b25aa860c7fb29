using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text;

public class ChatTemplateTests
{
    private static readonly ChatTemplateMessage[] Conversation = [new("user", "Hi"), new("assistant", "Hello"), new("user", "Bye")];

    [Fact]
    public void Conversations_become_what_Jinja2_makes_of_them()
    {
        ChatTemplate template = ChatTemplate.ReadFile(Fixtures.PathOf("templates/chat.jinja"));
        using JsonDocument fixture = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("templates/conversations.json")));
        int count = 0;
        foreach (JsonElement one in fixture.RootElement.EnumerateArray())
        {
            count++;
            string name = one.GetProperty("name").GetString()!;
            var input = new ChatTemplateInput
            {
                Messages = [],
                Variables = one.GetProperty("context").EnumerateObject().ToDictionary(property => property.Name, property => property.Value),
            };
            if (one.TryGetProperty("output", out JsonElement output))
            {
                template.Render(input, TestContext.Current.CancellationToken).ShouldBe(output.GetString(), name);
            }
            else
            {
                Should.Throw<ChatTemplateException>(() => template.Render(input)).Reason.ShouldBe(one.GetProperty("error").GetString(), name);
            }
        }

        count.ShouldBeGreaterThan(60);
    }

    [Fact]
    public void Messages_have_the_fields_that_transformers_gives_them()
    {
        JsonElement arguments = Json("""{"b":1,"a":[true,null,2.0]}""");
        JsonElement tools = Json("""[{"type":"function","function":{"name":"now"}}]""");
        ChatTemplate template = ChatTemplate.Parse("{{ messages|tojson }}{{ tools|tojson }}{{ add_generation_prompt }}{{ bos_token }}{{ eos_token }}{{ extra }}", "template");
        string text = template.Render(new ChatTemplateInput
        {
            Messages =
            [
                new("user") { Parts = [ChatTemplatePart.Image, ChatTemplatePart.OfText("What?")] },
                new("assistant") { ToolCalls = [new ChatTemplateToolCall("now", arguments, "c1")], Fields = new Dictionary<string, JsonElement> { ["reasoning"] = Json("\"hm\"") } },
                new("tool", "noon") { Name = "now", ToolCallId = "c1" },
            ],
            AddGenerationPrompt = true,
            BosToken = "<bos>",
            Tools = tools,
            Variables = new Dictionary<string, JsonElement> { ["extra"] = Json("12345678901234567890") },
        }, TestContext.Current.CancellationToken);

        text.ShouldBe(
            """[{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What?"}]}, """
            + """{"role": "assistant", "tool_calls": [{"type": "function", "id": "c1", "function": {"name": "now", "arguments": {"b": 1, "a": [true, null, 2.0]}}}], "reasoning": "hm"}, """
            + """{"role": "tool", "content": "noon", "name": "now", "tool_call_id": "c1"}][{"type": "function", "function": {"name": "now"}}]True<bos>12345678901234567890""");
    }

    [Fact]
    public void A_file_of_its_own_wins_over_the_configuration()
    {
        using var folder = new TemporaryFolder();
        ChatTemplate.Find(folder.Path).ShouldBeNull();

        WriteConfig(folder, "chat_template.json", "third");
        Render(folder.Path).ShouldBe("third");
        WriteConfig(folder, "tokenizer_config.json", "second");
        Render(folder.Path).ShouldBe("second");
        File.WriteAllText(folder["chat_template.jinja"], "\uFEFFfirst\n");
        Render(folder.Path).ShouldBe("first");
        ChatTemplate.Find(folder.Path)!.Source.ShouldBe("first\n");
    }

    [Fact]
    public void The_template_for_tools_renders_conversations_with_tools()
    {
        using var folder = new TemporaryFolder();
        var list = new JsonArray(
            new JsonObject { ["name"] = "tool_use", ["template"] = "tools" },
            new JsonObject { ["name"] = "default", ["template"] = "plain" },
            new JsonObject { ["name"] = "rag", ["template"] = "documents" });
        WriteConfig(folder, "tokenizer_config.json", list);
        Render(folder.Path).ShouldBe("plain");
        Render(folder.Path, Json("[]")).ShouldBe("tools");

        File.WriteAllText(folder["chat_template.jinja"], "plain file");
        Render(folder.Path, Json("[]")).ShouldBe("plain file");
        Directory.CreateDirectory(folder["additional_chat_templates"]);
        File.WriteAllText(Path.Combine(folder["additional_chat_templates"], "tool_use.jinja"), "tools file");
        Render(folder.Path, Json("[]")).ShouldBe("tools file");
        Render(folder.Path).ShouldBe("plain file");
    }

    [Fact]
    public void A_gguf_file_carries_its_templates()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["none.gguf"], TinyModel.Gguf().Build());
        File.WriteAllBytes(
            folder["model.gguf"],
            TinyModel.Gguf().Set("tokenizer.chat_template", "{{ bos_token }}plain").Set("tokenizer.chat_template.tool_use", "tools").Build());

        ChatTemplate.Find(folder["none.gguf"]).ShouldBeNull();
        Render(folder["model.gguf"]).ShouldBe("<bos>plain");
        Render(folder["model.gguf"], Json("[]")).ShouldBe("tools");
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{"chat_template":7}""", "chat_template is 7 where a text or a list")]
    [InlineData("tokenizer_config.json", """{"chat_template":[7]}""", "an entry that is not an object")]
    [InlineData("tokenizer_config.json", """{"chat_template":[{"name":"default"}]}""", "an entry that is not an object")]
    [InlineData("tokenizer_config.json", """{"chat_template":[{"name":"a","template":""},{"name":"b","template":""}]}""", "none of them with the name \"default\"")]
    [InlineData("tokenizer_config.json", """{"chat_template":[{"name":"a","template":""},{"name":"a","template":""}]}""", "two templates of the name the text \"a\"")]
    [InlineData("tokenizer_config.json", "[]", "an array where a JSON object was expected")]
    [InlineData("chat_template.json", "{", "is not valid JSON")]
    [InlineData("chat_template.jinja", "{{ x", "chat_template.jinja: line 1, column 1: the '{{' has no end '}}'")]
    [InlineData("chat_template.jinja", "bytes C3", "is not valid UTF-8")]
    public void A_broken_file_is_refused_with_one_sentence(string file, string content, string fragment)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder[file], content == "bytes C3" ? [0xC3] : System.Text.Encoding.UTF8.GetBytes(content));

        string message = Should.Throw<CheckpointException>(() => ChatTemplate.Find(folder.Path)).Message;
        message.ShouldContain(fragment);
        message.ShouldStartWith(folder.Path);
        message.ShouldNotContain("\n");
    }

    [Fact]
    public void A_path_that_is_no_model_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["model.txt"], "hello");

        Should.Throw<CheckpointException>(() => ChatTemplate.Find(folder["absent"])).Message.ShouldEndWith("absent: does not exist");
        Should.Throw<CheckpointException>(() => ChatTemplate.Find(folder["model.txt"])).Message.ShouldContain("neither a folder nor a GGUF file");
    }

    [Theory]
    [InlineData("{% for m in messages %}<start_of_turn>{{ m.role }}\n{{ m.content }}<end_of_turn>\n{% endfor %}", "<end_of_turn>")]
    [InlineData("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}{% for c in m.tool_calls %}<call>{{ c|tojson }}</call>{% endfor %}<|im_end|>\n{% endfor %}", "<|im_end|>")]
    [InlineData("{% for m in messages %}{{ m.content }}{% for c in m.tool_calls %}<call>{{ c|tojson }}</call><|reply>{% else %}<turn|>\n{% endfor %}{% endfor %}", "<turn|> <|reply>")]
    [InlineData("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}", "")]
    [InlineData("{{ raise_exception('never') }}", "")]
    public void What_ends_a_turn_is_found_by_rendering(string template, string pieces) =>
        string.Join(' ', ChatTemplate.Parse(template, "template").EndOfTurnPieces).ShouldBe(pieces);

    private static string Render(string path, JsonElement? tools = null) =>
        ChatTemplate.Find(path)!.Render(new ChatTemplateInput { Messages = Conversation, BosToken = "<bos>", Tools = tools });

    private static void WriteConfig(TemporaryFolder folder, string file, JsonNode template) =>
        File.WriteAllText(folder[file], new JsonObject { ["chat_template"] = template }.ToJsonString());

    private static JsonElement Json(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
