using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>The files of a tokenizer of Gemma's kind, in the shape in which Gemma 3 has them.</summary>
internal sealed class TokenizerFiles
{
    // Up to the vocabulary, which follows in the same object.
    private const string Model = """
        {
          "type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null, "end_of_word_suffix": null,
          "fuse_unk": true, "byte_fallback": true, "ignore_merges": false
        }
        """;

    // Pieces in other scripts stay readable; nobody embeds this in a web page.
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>All pieces by id, with U+2581 for a space.</summary>
    public required IReadOnlyList<string> Pieces { get; init; }

    /// <summary>The merges, the first one first.</summary>
    public required IEnumerable<(string Left, string Right)> Merges { get; init; }

    /// <summary>The pieces that are cut out of a text first.</summary>
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>The piece that begins a text.</summary>
    public required int? BosId { get; init; }

    /// <summary>The piece that ends a text.</summary>
    public required int? EosId { get; init; }

    /// <summary>The piece that fills batches.</summary>
    public required int? PadId { get; init; }

    /// <summary>The piece for what cannot be expressed.</summary>
    public required int? UnknownId { get; init; }

    /// <summary>Whether encoding puts the begin in front of a text.</summary>
    public bool AddsBos { get; init; } = true;

    /// <summary>Whether encoding puts the end behind a text.</summary>
    public bool AddsEos { get; init; }

    /// <summary>Whether encoding puts a space in front of a text.</summary>
    public bool AddsPrefix { get; init; }

    /// <summary>Tokens that the model was made for.</summary>
    public required int Length { get; init; }

    /// <summary>The chat template, or the list of named ones; null for none.</summary>
    public JsonNode? ChatTemplate { get; init; }

    /// <summary>Writes <c>tokenizer.json</c>, <c>tokenizer_config.json</c> and <c>special_tokens_map.json</c>.</summary>
    /// <exception cref="CheckpointException">A file cannot be written.</exception>
    public void Save(OutputFolder folder)
    {
        folder.Write("tokenizer.json", Tokenizer());
        folder.Write("tokenizer_config.json", Settings());
        folder.Write("special_tokens_map.json", Write(WriteSpecialTokens));
    }

    /// <summary>The content of <c>tokenizer.json</c>.</summary>
    public byte[] Tokenizer() => Write(json =>
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (AddedToken token in AddedTokens)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            WriteFlags(json, token);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteMembers(json, Steps());
        json.WriteStartObject("model");
        JsonObject model = JsonNode.Parse(Model)!.AsObject();
        model["unk_token"] = UnknownId is int unknown ? Pieces[unknown] : null;
        WriteMembers(json, model);
        json.WriteStartObject("vocab");
        for (int id = 0; id < Pieces.Count; id++)
        {
            json.WriteNumber(Pieces[id], id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach ((string left, string right) in Merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(left);
            json.WriteStringValue(right);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>The content of <c>tokenizer_config.json</c>.</summary>
    public byte[] Settings() => Write(json =>
    {
        json.WriteString("tokenizer_class", "GemmaTokenizer");
        WriteSpecialTokens(json);
        json.WriteBoolean("add_bos_token", AddsBos);
        json.WriteBoolean("add_eos_token", AddsEos);
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        json.WriteNumber("model_max_length", Length);
        json.WriteString("padding_side", "left");
        json.WriteStartObject("added_tokens_decoder");
        foreach (AddedToken token in AddedTokens)
        {
            json.WriteStartObject(token.Id.ToString(CultureInfo.InvariantCulture));
            WriteFlags(json, token);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (ChatTemplate is not null)
        {
            json.WritePropertyName("chat_template");
            ChatTemplate.WriteTo(json);
        }
    });

    // What stands around the vocabulary.
    private JsonObject Steps()
    {
        JsonObject mark = Replace(" ", "\u2581");
        var decoders = new JsonArray(Replace("\u2581", " "), Step("ByteFallback"), Step("Fuse"));
        if (AddsPrefix)
        {
            JsonObject prepend = Step("Prepend");
            prepend["prepend"] = "\u2581";
            mark = new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray(prepend, mark) };
            JsonObject strip = Step("Strip");
            strip["content"] = " ";
            strip["start"] = 1;
            strip["stop"] = 0;
            decoders.Add((JsonNode)strip);
        }

        JsonObject split = Replace(" ", null);
        split["type"] = "Split";
        split["behavior"] = "MergedWithPrevious";
        split["invert"] = false;
        return new JsonObject
        {
            ["normalizer"] = mark,
            ["pre_tokenizer"] = split,
            ["post_processor"] = Template(),
            ["decoder"] = new JsonObject { ["type"] = "Sequence", ["decoders"] = decoders },
        };
    }

    // The begin stands before, and the end behind, each text of a pair, as Gemma's own file has it.
    private JsonObject Template()
    {
        var special = new JsonObject();
        JsonObject[] Around(int? id, bool isAdded, int type)
        {
            if (!isAdded || id is not int known)
            {
                return [];
            }

            string piece = Pieces[known];
            special.TryAdd(piece, new JsonObject { ["id"] = piece, ["ids"] = new JsonArray(known), ["tokens"] = new JsonArray(piece) });
            return [new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = piece, ["type_id"] = type } }];
        }

        JsonObject[] Text(string name, int type) =>
        [
            .. Around(BosId, AddsBos, type),
            new JsonObject { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type } },
            .. Around(EosId, AddsEos, type),
        ];
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray([.. Text("A", 0)]),
            ["pair"] = new JsonArray([.. Text("A", 0), .. Text("B", 1)]),
            ["special_tokens"] = special,
        };
    }

    private static JsonObject Step(string type) => new() { ["type"] = type };

    private static JsonObject Replace(string pattern, string? content)
    {
        JsonObject step = Step("Replace");
        step["pattern"] = new JsonObject { ["String"] = pattern };
        if (content is not null)
        {
            step["content"] = content;
        }

        return step;
    }

    private void WriteSpecialTokens(Utf8JsonWriter json)
    {
        foreach ((string name, int? id) in ((string, int?)[])[("bos", BosId), ("eos", EosId), ("pad", PadId), ("unk", UnknownId)])
        {
            if (id is int known)
            {
                json.WriteString(name + "_token", Pieces[known]);
            }
        }
    }

    private static void WriteFlags(Utf8JsonWriter json, AddedToken token)
    {
        json.WriteString("content", token.Content);
        json.WriteBoolean("single_word", token.SingleWord);
        json.WriteBoolean("lstrip", token.StripsLeft);
        json.WriteBoolean("rstrip", token.StripsRight);
        json.WriteBoolean("normalized", token.Normalized);
        json.WriteBoolean("special", token.Special);
    }

    private static void WriteMembers(Utf8JsonWriter json, JsonObject members)
    {
        foreach ((string name, JsonNode? value) in members)
        {
            json.WritePropertyName(name);
            if (value is null)
            {
                json.WriteNullValue();
            }
            else
            {
                value.WriteTo(json);
            }
        }
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
