using System.Text.Json.Nodes;

namespace Lapidary.Tests.Common;

/// <summary>
/// A model that can chat, if only gibberish: the weights of the fixture g3-tiny-a with a tokenizer of a few pieces less than the
/// network has rows (special tokens, all bytes, printable ASCII, pairs of letters) and a template in the manner of Gemma's.
/// </summary>
public static class TinyChatModel
{
    /// <summary>The chat template.</summary>
    public const string Template =
        "{{ bos_token }}{% if tools %}<tools>{{ tools | tojson }}</tools>{% endif %}{% for message in messages %}<start_of_turn>"
        + "{{ 'model' if message.role == 'assistant' else message.role }}\n"
        + "{{ message.content }}<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}";

    /// <summary>Writes the model folder.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="template">The chat template; null for none.</param>
    /// <param name="generation">What generation_config.json holds; null for no file.</param>
    public static string Write(string folder, string? template = Template, string? generation = null)
    {
        Directory.CreateDirectory(folder);
        foreach (string file in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(Fixtures.PathOf("g3-tiny-a"), file), Path.Combine(folder, file));
        }

        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Tokenizer().ToJsonString());
        var config = new JsonObject { ["bos_token"] = "<bos>", ["eos_token"] = "<eos>", ["add_bos_token"] = true, ["tokenizer_class"] = "GemmaTokenizer" };
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), config.ToJsonString());
        if (template is not null)
        {
            File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), template);
        }

        if (generation is not null)
        {
            File.WriteAllText(Path.Combine(folder, "generation_config.json"), generation);
        }

        return folder;
    }

    private static JsonObject Tokenizer()
    {
        string[] special = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"];
        string[] ascii = [.. Enumerable.Range(' ', 95).Select(code => code == ' ' ? "\u2581" : ((char)code).ToString()), "\n"];
        (char First, char Second)[] pairs = [.. "aehiknorstu".SelectMany(first => "aeinorstu mlp".Where(second => second != ' ').Select(second => (first, second)))];
        List<string> pieces = [.. special, .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), .. ascii];
        var merges = new JsonArray();
        foreach ((char first, char second) in pairs.Take(512 - pieces.Count))
        {
            merges.Add(new JsonArray(first.ToString(), second.ToString()));
            pieces.Add($"{first}{second}");
        }

        var vocabulary = new JsonObject();
        for (int id = 0; id < pieces.Count; id++)
        {
            vocabulary[pieces[id]] = id;
        }

        var added = new JsonArray();
        for (int id = 0; id < special.Length; id++)
        {
            added.Add(new JsonObject
            {
                ["id"] = id, ["content"] = special[id], ["special"] = true, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false,
            });
        }

        JsonObject json = JsonNode.Parse("""
            {
              "version": "1.0", "truncation": null, "padding": null,
              "normalizer": { "type": "Replace", "pattern": { "String": " " }, "content": "\u2581" },
              "pre_tokenizer": null,
              "post_processor": {
                "type": "TemplateProcessing",
                "single": [ { "SpecialToken": { "id": "<bos>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } } ],
                "pair": [ { "Sequence": { "id": "A", "type_id": 0 } }, { "Sequence": { "id": "B", "type_id": 1 } } ],
                "special_tokens": { "<bos>": { "id": "<bos>", "ids": [ 2 ], "tokens": [ "<bos>" ] } }
              },
              "decoder": {
                "type": "Sequence",
                "decoders": [ { "type": "Replace", "pattern": { "String": "\u2581" }, "content": " " }, { "type": "ByteFallback" }, { "type": "Fuse" } ]
              }
            }
            """)!.AsObject();
        json["added_tokens"] = added;
        json["model"] = new JsonObject
        {
            ["type"] = "BPE", ["dropout"] = null, ["unk_token"] = "<unk>", ["continuing_subword_prefix"] = null, ["end_of_word_suffix"] = null,
            ["fuse_unk"] = true, ["byte_fallback"] = true, ["ignore_merges"] = false, ["vocab"] = vocabulary, ["merges"] = merges,
        };
        return json;
    }
}
