using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lapidary.Text.Tokenizers.Training;

/// <summary>The two files of a tokenizer in the shape in which Gemma 3 has them.</summary>
internal static class TrainedTokenizerFiles
{
    // Renders what Gemma 3's own does: the system message becomes the begin of the first turn.
    private const string ChatTemplate = """
        {{ bos_token }}
        {%- set system = "" -%}
        {%- if messages[0]["role"] == "system" -%}
            {%- set system = messages[0]["content"] | trim + "\n\n" -%}
            {%- set messages = messages[1:] -%}
        {%- endif -%}
        {%- for message in messages -%}
            {%- if (message["role"] == "user") != (loop.index0 % 2 == 0) -%}
                {{ raise_exception("The roles must alternate: user, assistant, user, ...") }}
            {%- endif -%}
            {%- set role = "model" if message["role"] == "assistant" else message["role"] -%}
            {{ "<start_of_turn>" + role + "\n" + (system if loop.first else "") }}
            {%- if message["content"] is string -%}
                {{ message["content"] | trim }}
            {%- else -%}
                {%- for part in message["content"] -%}
                    {%- if part["type"] == "text" -%}{{ part["text"] | trim }}{%- endif -%}
                {%- endfor -%}
            {%- endif -%}
            {{ "<end_of_turn>\n" }}
        {%- endfor -%}
        {%- if add_generation_prompt -%}
            {{ "<start_of_turn>model\n" }}
        {%- endif -%}

        """;

    // What stands around the vocabulary. bos goes before each text of a pair, as Gemma's own file has it.
    private const string Steps = """
        {
          "normalizer": { "type": "Replace", "pattern": { "String": " " }, "content": "\u2581" },
          "pre_tokenizer": { "type": "Split", "pattern": { "String": " " }, "behavior": "MergedWithPrevious", "invert": false },
          "post_processor": {
            "type": "TemplateProcessing",
            "single": [{ "SpecialToken": { "id": "<bos>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }],
            "pair": [
              { "SpecialToken": { "id": "<bos>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } },
              { "SpecialToken": { "id": "<bos>", "type_id": 1 } }, { "Sequence": { "id": "B", "type_id": 1 } }
            ],
            "special_tokens": { "<bos>": { "id": "<bos>", "ids": [2], "tokens": ["<bos>"] } }
          },
          "decoder": {
            "type": "Sequence",
            "decoders": [
              { "type": "Replace", "pattern": { "String": "\u2581" }, "content": " " }, { "type": "ByteFallback" }, { "type": "Fuse" }
            ]
          }
        }
        """;

    // Up to the vocabulary, which follows in the same object.
    private const string Model = """
        {
          "type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null, "end_of_word_suffix": null,
          "fuse_unk": true, "byte_fallback": true, "ignore_merges": false
        }
        """;

    // Up to the added tokens, which follow in the same object. The length is that of Gemma 3's smallest models.
    private const string Configuration = """
        {
          "tokenizer_class": "GemmaTokenizer", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>",
          "add_bos_token": true, "add_eos_token": false, "clean_up_tokenization_spaces": false, "model_max_length": 32768,
          "padding_side": "left"
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

    /// <summary>The content of <c>tokenizer.json</c>.</summary>
    /// <param name="pieces">All pieces by id.</param>
    /// <param name="learned">Those of them that merges make, in the order of learning.</param>
    /// <param name="addedTokens">Those that are cut out of a text first.</param>
    public static byte[] Tokenizer(IReadOnlyList<string> pieces, IReadOnlyList<string> learned, IReadOnlyList<AddedToken> addedTokens) => Write(json =>
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (AddedToken token in addedTokens)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            WriteFlags(json, token);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteMembers(json, Steps);
        json.WriteStartObject("model");
        WriteMembers(json, Model);
        json.WriteStartObject("vocab");
        for (int id = 0; id < pieces.Count; id++)
        {
            json.WriteNumber(pieces[id], id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach ((string left, string right) in Merges(pieces, learned))
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
    public static byte[] Settings(IReadOnlyList<AddedToken> addedTokens) => Write(json =>
    {
        WriteMembers(json, Configuration);
        json.WriteStartObject("added_tokens_decoder");
        foreach (AddedToken token in addedTokens)
        {
            json.WriteStartObject(token.Id.ToString(CultureInfo.InvariantCulture));
            WriteFlags(json, token);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteString("chat_template", ChatTemplate);
    });

    /// <summary>
    /// Every way to make a piece of two others, the earliest piece first and of one piece the longest left part first. So a text gets the
    /// tokens that SentencePiece's rule gives it, which merges whatever two neighbours make the best piece.
    /// </summary>
    private static IEnumerable<(string Left, string Right)> Merges(IReadOnlyList<string> pieces, IReadOnlyList<string> learned)
    {
        foreach ((string Left, string Right) merge in GemmaPieces.RunMerges())
        {
            yield return merge;
        }

        var known = pieces.ToHashSet(StringComparer.Ordinal);
        foreach (string piece in learned)
        {
            for (int at = piece.Length - 1; at > 0; at--)
            {
                if (known.Contains(piece[..at]) && known.Contains(piece[at..]))
                {
                    yield return (piece[..at], piece[at..]);
                }
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

    private static void WriteMembers(Utf8JsonWriter json, string members)
    {
        foreach ((string name, JsonNode? value) in JsonNode.Parse(members)!.AsObject())
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
