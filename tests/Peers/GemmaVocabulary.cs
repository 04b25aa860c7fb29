using System.Globalization;

namespace Lapidary.Peers.Tests;

/// <summary>The real vocabulary of Gemma 3, and what the peers make of texts with it.</summary>
internal static class GemmaVocabulary
{
    // Token types of the converter for Gemma 4: added tokens keep their text, where the one for Gemma 3 gives them spaces for U+2581.
    private const string Writer = """
        import struct, sys
        sys.path.insert(0, sys.argv[1])
        import to_gguf as g
        source, target, kind = sys.argv[2:5]
        size = 262144
        tokenizer, _, tokens, scores, types = g.vocab_arrays(source, size)
        if kind == "gemma4":
            for text, i in tokenizer["model"]["vocab"].items():
                tokens[i] = text
        m = g.Meta()
        architecture = {"llama": "gemma3", "gemma4": "gemma4"}[kind]
        m.str("general.architecture", architecture)
        for key, value in (("context_length", 1024), ("embedding_length", 32), ("block_count", 1), ("feed_forward_length", 32),
                           ("attention.head_count", 1), ("attention.head_count_kv", 1)):
            m.u32(architecture + "." + key, value)
        m.str("tokenizer.ggml.model", kind)
        m.arr_str("tokenizer.ggml.tokens", tokens)
        m.arr_np("tokenizer.ggml.scores", g.F32, scores)
        m.arr_np("tokenizer.ggml.token_type", g.I32, types)
        if kind == "gemma4":
            m.arr_str("tokenizer.ggml.merges", [" ".join(merge) for merge in tokenizer["model"]["merges"]])
        for key, value in (("bos", 2), ("eos", 1), ("unknown", 3), ("padding", 0)):
            m.u32(f"tokenizer.ggml.{key}_token_id", value)
        m.bool("tokenizer.ggml.add_bos_token", True)
        m.bool("tokenizer.ggml.add_space_prefix", False)
        open(target, "wb").write(b"GGUF" + struct.pack("<IQQ", 3, 0, m.n) + m.buf)
        """;

    /// <summary>Writes the vocabulary into a GGUF file without tensors.</summary>
    /// <param name="kind"><c>llama</c> or <c>gemma4</c>.</param>
    /// <param name="path">The file.</param>
    public static void WriteGguf(string kind, string path) => ExternalProgram.Run(
        PeerEnvironment.Python,
        "-B",
        "-c",
        Writer,
        Path.GetDirectoryName(PeerEnvironment.Tool("to_gguf.py"))!,
        PeerEnvironment.TokenizerFolder,
        path,
        kind);

    /// <summary>Ids by @huggingface/tokenizers, without the begin of a text.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="tokenizer">The folder of another tokenizer than Gemma 3's.</param>
    public static List<int[]> JavaScriptIds(IReadOnlyList<string> texts, string? tokenizer = null)
    {
        // The tool wants the folder that holds node_modules.
        string packages = Path.GetFullPath(Path.Combine(PeerEnvironment.TokenizerFolder, "..", "..", "..", ".."));
        string lines = string.Concat(texts.Select(text => TokenizerTexts.Json(text) + "\n"));
        var environment = new Dictionary<string, string> { ["NO_SPECIAL"] = "1", ["TOKENIZER_DIR"] = tokenizer ?? PeerEnvironment.TokenizerFolder };
        string output = ExternalProgram.RunOn(
            lines, environment, PeerEnvironment.Node, PeerEnvironment.Tool("encode.mjs"), packages);
        return Parse(output.Replace("[", string.Empty, StringComparison.Ordinal).Replace("]", string.Empty, StringComparison.Ordinal), ',');
    }

    /// <summary>Ids by llama.cpp, without the begin of a text; no text may have the characters U+0000 and U+001E.</summary>
    public static List<int[]> LlamaIds(string gguf, IReadOnlyList<string> texts) => Parse(
        ExternalProgram.RunOn(
            string.Concat(texts.Select(text => text + "\u001e")), new Dictionary<string, string>(), PeerEnvironment.Peer, "tokenize", gguf, "--parse", "--records"),
        ' ');

    private static List<int[]> Parse(string output, char separator) =>
    [
        .. output.TrimEnd('\n').Split('\n').Select(line =>
            line.Split(separator, StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)).ToArray()),
    ];
}
