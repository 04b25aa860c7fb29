using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;

namespace Lapidary.Networks;

/// <summary>
/// The keys <c>general.*</c> of a GGUF file that is made of a folder: what the front matter of its model card, its name and its
/// <c>generation_config.json</c> say, as llama.cpp's converter has it (gguf-py, metadata.py).
/// </summary>
internal sealed class GeneralMetadata
{
    private const string HubAddress = "https://huggingface.co/";

    private static readonly string[] EntryKeys = ["name", "author", "version", "organization", "description", "url", "doi", "uuid", "repo_url"];

    private readonly GgufMetadata metadata;
    private readonly JsonObject card;
    private readonly long parameters;

    private GeneralMetadata(GgufMetadata metadata, JsonObject card, long parameters)
    {
        this.metadata = metadata;
        this.card = card;
        this.parameters = parameters;
    }

    /// <summary>Adds the keys.</summary>
    /// <param name="metadata">Receives them.</param>
    /// <param name="folder">The model.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <exception cref="CheckpointException">The model card or <c>generation_config.json</c> is not valid.</exception>
    public static void Add(GgufMetadata metadata, HuggingFaceFolder folder, long parameters)
    {
        var general = new GeneralMetadata(metadata, FrontMatter.Read(folder.PathOf("README.md")), parameters);
        if (folder.ReadGenerationConfig() is { } generation)
        {
            general.AddSampling(new ConfigFields(generation, folder.PathOf("generation_config.json"), string.Empty));
        }

        general.AddNames(folder);
        general.AddLicence();
        general.AddEntries("base_model", "base_model", "base_models", "base_model_sources");
        general.AddEntries("dataset", "datasets", "dataset", "dataset_sources");
        general.AddList("tags", "tags", "pipeline_tag");
        general.AddList("languages", "languages", "language");
    }

    private void AddSampling(ConfigFields generation)
    {
        // llama.cpp has no word for it but this.
        float? temperature = generation.Boolean("do_sample", otherwise: true) ? (float?)generation.FindNumber("temperature") : 0;
        if (generation.FindInteger("top_k") is int top)
        {
            metadata.Add("general.sampling.top_k", top);
        }

        AddNumber("top_p", (float?)generation.FindNumber("top_p"));
        AddNumber("min_p", (float?)generation.FindNumber("min_p"));
        AddNumber("temp", temperature);
        AddNumber("penalty_repeat", (float?)generation.FindNumber("repetition_penalty"));
    }

    private void AddNumber(string name, float? number)
    {
        if (number is float known)
        {
            metadata.Add($"general.sampling.{name}", known);
        }
    }

    private void AddNames(HuggingFaceFolder folder)
    {
        ModelName name = ModelName.Parse(ModelName.Of(folder.Path), parameters);
        if (folder.Config.TryGetProperty("_name_or_path", out JsonElement configured)
            && configured.ValueKind == JsonValueKind.String && configured.GetString() is { Length: > 0 } id && id.Count(c => c == '/') <= 1)
        {
            ModelName better = ModelName.Parse(id, parameters);
            name = new ModelName(
                better.Name ?? name.Name,
                better.Organization ?? name.Organization,
                better.Basename ?? name.Basename,
                better.Finetune ?? name.Finetune,
                better.Version ?? name.Version,
                better.SizeLabel ?? name.SizeLabel);
        }

        AddText("name", Text("name", "model_name") ?? (name.Name is null ? null : ModelName.Title(name.Name)));
        AddText("author", Text("author", "model_author", "model_creator"));
        AddText("version", Text("version", "model_version") ?? name.Version);
        AddText("organization", Text("organization", "model_organization") ?? (name.Organization is null ? null : ModelName.Title(name.Organization)));
        AddText("finetune", Text("finetune", "model_finetune") ?? name.Finetune);
        AddText("basename", Text("basename", "model_basename", "model_type") ?? name.Basename);
        AddText("description", Text("description", "model_description"));
        AddText("quantized_by", Text("quantized_by"));
        AddText("size_label", Text("size_label", "model_size_label") ?? name.SizeLabel ?? ModelName.SizeOf(parameters));
    }

    private void AddLicence()
    {
        AddText("license", card["license"] is JsonArray several ? string.Join(',', several.Select(Text)) : Text("license"));
        AddText("license.name", Text("license_name"));
        AddText("license.link", Text("license_link"));
        AddText("source.url", Text("url", "model_url"));
        AddText("source.doi", Text("doi", "model_doi"));
        AddText("source.uuid", Text("uuid", "model_uuid"));
        AddText("source.repo_url", Text("repo_url", "model_repo_url"));
    }

    // Models and data sets that this one was made of.
    private void AddEntries(string name, params ReadOnlySpan<string> keys)
    {
        JsonNode? value = null;
        foreach (string key in keys)
        {
            value ??= card[key];
        }

        if (value is null)
        {
            return;
        }

        JsonNode?[] entries = value is JsonArray list ? [.. list] : [value];
        metadata.Add($"general.{name}.count", (uint)entries.Length);
        for (int i = 0; i < entries.Length; i++)
        {
            JsonObject fields = entries[i] as JsonObject ?? (Text(entries[i]) is string id ? FieldsOf(id) : []);
            foreach (string key in EntryKeys)
            {
                AddText(string.Create(CultureInfo.InvariantCulture, $"{name}.{i}.{key}"), Text(fields[key]));
            }
        }
    }

    private JsonObject FieldsOf(string id)
    {
        var fields = new JsonObject();
        if (id.Contains("://", StringComparison.Ordinal))
        {
            fields["repo_url"] = id;
            if (!id.StartsWith(HubAddress, StringComparison.Ordinal) || id.AsSpan(HubAddress.Length).Count('/') != 1)
            {
                return fields;
            }

            id = id[HubAddress.Length..];
        }

        ModelName name = ModelName.Parse(id, parameters);
        fields["name"] = name.Name is null ? null : ModelName.Title(name.Name);
        fields["organization"] = name.Organization is null ? null : ModelName.Title(name.Organization);
        fields["version"] = name.Version;
        if (name is { Organization: not null, Name: not null })
        {
            fields["repo_url"] = $"{HubAddress}{name.Organization}/{name.Name}";
        }

        return fields;
    }

    private void AddList(string name, params ReadOnlySpan<string> keys)
    {
        var texts = new List<string>();
        foreach (string key in keys)
        {
            texts.AddRange((card[key] is JsonArray list ? list.Select(Text) : [Text(card[key])]).OfType<string>());
        }

        if (texts.Count > 0)
        {
            metadata.Add($"general.{name}", texts);
        }
    }

    private void AddText(string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            metadata.Add($"general.{name}", text);
        }
    }

    private string? Text(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (Text(card[key]) is string text)
            {
                return text;
            }
        }

        return null;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
