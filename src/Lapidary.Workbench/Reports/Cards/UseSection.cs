using System.Text;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>How to use a model: with this program, transformers, llama.cpp, Ollama, and from C#.</summary>
internal static class UseSection
{
    /// <summary>The name of the file for Ollama.</summary>
    public const string Modelfile = "Modelfile";

    public static CardSection Create(CardFacts facts)
    {
        string id = facts.Options.HubId ?? facts.Name;
        var text = new StringBuilder("## How to use it\n");
        string? gguf = facts.GgufFiles.Count > 0 ? facts.GgufFiles[0] : null;
        string local = facts.HasCheckpoint ? "." : gguf ?? ".";
        string command = facts.HasTurns ? "chat" : "run -p \"Once upon a time\"";
        Block(text, "With Lapidary, in the folder of the model:", "sh", facts.HasCheckpoint || gguf is not null
            ? $"lapidary {(facts.HasTurns ? $"chat {local}" : $"run {local} -p \"Once upon a time\"")}"
            : $"lapidary {command.Replace("run", $"run {facts.BaseName ?? "BASE"}", StringComparison.Ordinal).Replace("chat", $"chat {facts.BaseName ?? "BASE"}", StringComparison.Ordinal)} --adapter .");
        if (facts.HasCheckpoint)
        {
            Block(text, "With transformers:", "python", Transformers(id, facts.HasTurns));
        }
        else if (facts.HasAdapter)
        {
            Block(text, "With peft:", "python", Peft(id, facts.BaseName ?? "BASE"));
        }

        if (gguf is not null)
        {
            Block(text, "With llama.cpp:", "sh", facts.HasTurns ? $"llama-cli -m {gguf}" : $"llama-completion -m {gguf} -p \"Once upon a time\" -n 64");
            Block(text, $"With Ollama, by the `{Modelfile}` beside it:", "sh", $"ollama create {OllamaName(facts.Name)} -f {Modelfile}\nollama run {OllamaName(facts.Name)}");
        }
        else if (facts.HasCheckpoint)
        {
            string file = facts.Name + "-Q8_0.gguf";
            Block(text, "With llama.cpp and Ollama, as a GGUF file:", "sh", $"lapidary quantize . -o {file} --type Q8_0\nllama-cli -m {file}");
        }

        if (facts.HasCheckpoint || gguf is not null)
        {
            Block(text, "From C#, with the package `Lapidary`:", "csharp", CSharp(local));
        }

        return new CardSection("use", text.ToString());
    }

    /// <summary>The name of a model as Ollama accepts it.</summary>
    internal static string OllamaName(string name) =>
        string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));

    private static void Block(StringBuilder text, string title, string language, string code) =>
        text.Append('\n').Append(title).Append("\n\n```").Append(language).Append('\n').Append(code.Trim('\n').ReplaceLineEndings("\n")).Append("\n```\n");

    private static string Transformers(string id, bool hasTurns) => hasTurns
        ? $$"""
            from transformers import AutoModelForCausalLM, AutoTokenizer

            tokenizer = AutoTokenizer.from_pretrained("{{id}}")
            model = AutoModelForCausalLM.from_pretrained("{{id}}")
            messages = [{"role": "user", "content": "Hello!"}]
            inputs = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
            outputs = model.generate(**inputs, max_new_tokens=64)
            print(tokenizer.decode(outputs[0][inputs["input_ids"].shape[-1]:], skip_special_tokens=True))
            """
        : $$"""
            from transformers import AutoModelForCausalLM, AutoTokenizer

            tokenizer = AutoTokenizer.from_pretrained("{{id}}")
            model = AutoModelForCausalLM.from_pretrained("{{id}}")
            inputs = tokenizer("Once upon a time", return_tensors="pt")
            outputs = model.generate(**inputs, max_new_tokens=64)
            print(tokenizer.decode(outputs[0], skip_special_tokens=True))
            """;

    private static string Peft(string id, string baseName) => $$"""
        from peft import PeftModel
        from transformers import AutoModelForCausalLM, AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained("{{baseName}}")
        model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("{{baseName}}"), "{{id}}")
        """;

    private static string CSharp(string path) => $$"""
        using Lapidary.Inference.Hosting;
        using Microsoft.Extensions.AI;
        using Microsoft.Extensions.DependencyInjection;

        using ServiceProvider services = new ServiceCollection().AddLapidary("{{path}}").BuildServiceProvider();
        IChatClient client = services.GetRequiredService<IChatClient>();
        ChatResponse response = await client.GetResponseAsync("Hello!", new ChatOptions { MaxOutputTokens = 64 });
        Console.WriteLine(response.Text);
        """;
}
