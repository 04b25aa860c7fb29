using System.Text.Json;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>Other programs that render chat templates, each asked once for all conversations of a template.</summary>
internal static class TemplatePeers
{
    private const string Node = """
        const { createRequire } = require("module"), { readFileSync, writeFileSync } = require("fs");
        const { Template } = createRequire(process.argv[1] + "/package.json")("@huggingface/jinja");
        const { template, contexts } = JSON.parse(readFileSync(process.argv[2]));
        const parsed = new Template(template);
        writeFileSync(process.argv[3], JSON.stringify(contexts.map(context => {
          try { return { output: parsed.render(context) }; } catch (error) { return { error: String(error.message) }; }
        })));
        """;

    // The environment of transformers, which is also what the stored fixtures were made with.
    private const string Python = """
        import json, sys
        sys.path.insert(0, sys.argv[1])
        from environments import ENVIRONMENTS
        given = json.load(open(sys.argv[2], encoding="utf-8"))
        template = ENVIRONMENTS["chat"].from_string(given["template"])
        def render(context):
            try:
                return {"output": template.render(**context)}
            except Exception as error:
                return {"error": str(error)}
        json.dump([render(context) for context in given["contexts"]], open(sys.argv[3], "w", encoding="utf-8"))
        """;

    /// <summary>A template that came with one of Google's models.</summary>
    public static string Template(string name)
    {
        string? folder = Environment.GetEnvironmentVariable("LAPIDARY_PEER_TEMPLATES");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "LAPIDARY_PEER_TEMPLATES is not set: it names the folder of gemma-2.jinja, gemma-3.jinja, gemma-3n.jinja and gemma-4.jinja.");
        string path = Path.Combine(folder!, name + ".jinja");
        Assert.SkipUnless(File.Exists(path), $"{path}: expected a chat template, found no such file.");
        return path;
    }

    /// <summary>What <c>@huggingface/jinja</c> renders; null where it fails.</summary>
    public static string?[] HuggingFaceJinja(string template, JsonElement[] contexts, string scratch)
    {
        string folder = Path.GetDirectoryName(PeerEnvironment.Peer)!;
        string package = Path.Combine(folder, "node_modules", "@huggingface", "jinja");
        Assert.SkipUnless(Directory.Exists(package), $"{package}: expected the package, found no such folder.");
        return Ask(template, contexts, scratch, (input, output) => ExternalProgram.Run("node", "-e", Node, folder, input, output));
    }

    /// <summary>What Python's Jinja2 renders; null where it fails.</summary>
    public static string?[] Jinja2(string template, JsonElement[] contexts, string scratch)
    {
        try
        {
            ExternalProgram.Run(PeerEnvironment.Python, "-c", "import jinja2");
        }
        catch (InvalidOperationException)
        {
            Assert.Skip($"{PeerEnvironment.Python} has no module jinja2.");
        }

        string environments = Path.Combine(AppContext.BaseDirectory, "Fixtures", "jinja");
        return Ask(template, contexts, scratch, (input, output) => ExternalProgram.Run(PeerEnvironment.Python, "-B", "-c", Python, environments, input, output));
    }

    private static string?[] Ask(string template, JsonElement[] contexts, string scratch, Action<string, string> run)
    {
        string input = Path.Combine(scratch, "input.json");
        string output = Path.Combine(scratch, "output.json");
        using (var stream = File.Create(input))
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("template", File.ReadAllText(template));
            writer.WriteStartArray("contexts");
            Array.ForEach(contexts, context => context.WriteTo(writer));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        run(input, output);
        using JsonDocument answer = JsonDocument.Parse(File.ReadAllText(output));
        return [.. answer.RootElement.EnumerateArray().Select(one => one.TryGetProperty("output", out JsonElement text) ? text.GetString() : null)];
    }
}
