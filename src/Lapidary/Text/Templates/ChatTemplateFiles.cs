using System.Text;
using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Text;

/// <summary>Where the chat templates of a model are.</summary>
internal static class ChatTemplateFiles
{
    /// <summary>The template for conversations with tools, where a model has one of its own.</summary>
    public const string ToolUse = "tool_use";

    private const string Default = "default";
    private const string GgufKey = "tokenizer.chat_template";
    private const long SizeLimit = 4 * 1024 * 1024;

    /// <summary>The templates of a model folder or a GGUF file.</summary>
    /// <param name="path">The folder or the file.</param>
    /// <returns>The template, and the one for tools; each with the name that errors give it. Null where there is none.</returns>
    /// <exception cref="CheckpointException">A file is not valid.</exception>
    public static (NamedTemplate? Main, NamedTemplate? ToolUse) Find(string path)
    {
        if (Directory.Exists(path))
        {
            return FindInFolder(path);
        }

        if (!File.Exists(path))
        {
            throw new CheckpointException(path, "does not exist");
        }

        return GgufFile.HasMagic(path) ? FindInGguf(path) : throw new CheckpointException(path, "is neither a folder nor a GGUF file");
    }

    /// <summary>The text of a file.</summary>
    /// <exception cref="CheckpointException">It cannot be read, is too long or is not UTF-8.</exception>
    public static string ReadText(string path)
    {
        byte[] content = InputFile.Read(path, SizeLimit);
        ReadOnlySpan<byte> text = content.AsSpan().StartsWith("\uFEFF"u8) ? content.AsSpan(3) : content;
        return System.Text.Unicode.Utf8.IsValid(text)
            ? Encoding.UTF8.GetString(text)
            : throw new CheckpointException(path, "is not valid UTF-8 where the text of a template was expected");
    }

    // As in transformers, a file of its own wins over what the configuration says.
    private static (NamedTemplate? Main, NamedTemplate? ToolUse) FindInFolder(string folder)
    {
        string file = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(file))
        {
            string tools = Path.Combine(folder, "additional_chat_templates", ToolUse + ".jinja");
            return (new NamedTemplate(file, ReadText(file)), File.Exists(tools) ? new NamedTemplate(tools, ReadText(tools)) : null);
        }

        foreach (string name in (string[])["tokenizer_config.json", "chat_template.json"])
        {
            string path = Path.Combine(folder, name);
            if (JsonFile.ReadIfExists(path) is { } json && json.TryGetProperty("chat_template", out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                return value.ValueKind == JsonValueKind.String ? (new NamedTemplate(path, value.GetString()!), null) : FromList(path, value);
            }
        }

        return (null, null);
    }

    private static (NamedTemplate? Main, NamedTemplate? ToolUse) FromList(string path, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw new CheckpointException(path, $"chat_template is {JsonFile.Describe(list)} where a text or a list of named templates was expected");
        }

        var templates = new Dictionary<string, NamedTemplate>(StringComparer.Ordinal);
        foreach (JsonElement entry in list.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Object
                || !entry.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String
                || !entry.TryGetProperty("template", out JsonElement template) || template.ValueKind != JsonValueKind.String)
            {
                throw new CheckpointException(path, "chat_template holds an entry that is not an object of the texts name and template");
            }

            if (!templates.TryAdd(name.GetString()!, new NamedTemplate($"{path} ({name.GetString()})", template.GetString()!)))
            {
                throw new CheckpointException(path, $"chat_template holds two templates of the name {JsonFile.Describe(name)}");
            }
        }

        if (templates.Count <= 1)
        {
            return (templates.Values.FirstOrDefault(), null);
        }

        return templates.TryGetValue(Default, out NamedTemplate? main)
            ? (main, templates.GetValueOrDefault(ToolUse))
            : throw new CheckpointException(path, "chat_template holds several templates, none of them with the name \"default\"");
    }

    private static (NamedTemplate? Main, NamedTemplate? ToolUse) FindInGguf(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        return (Entry(file, GgufKey), Entry(file, $"{GgufKey}.{ToolUse}"));
    }

    private static NamedTemplate? Entry(GgufFile file, string key) =>
        file.Metadata.TryGetValue(key, out GgufValue? value) ? new NamedTemplate($"{file.Path} ({key})", value.ToText()) : null;

    /// <summary>The text of a template and what errors call it.</summary>
    internal sealed record NamedTemplate(string Name, string Source);
}
