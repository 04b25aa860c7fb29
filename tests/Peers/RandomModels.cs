using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;

namespace Lapidary.Peers.Tests;

/// <summary>
/// Random Gemma 3 models written by the peer's own Python tools and quantized by llama.cpp, each made once when a test first asks for it.
/// Everything lies in one temporary folder that is deleted at the end.
/// </summary>
public sealed class RandomModels : IDisposable
{
    /// <summary>tiny: no row a multiple of 256; tiny-k: every row; tiny-gqa: several KV heads, two global layers, rows of 96 and 224.</summary>
    public static readonly string[] Presets = ["tiny", "tiny-k", "tiny-gqa"];

    /// <summary>Types whose products llama.cpp computes in the precision of the weights.</summary>
    public static readonly string[] FloatTypes = ["F32", "F16", "BF16"];

    /// <summary>Types and mixes for which llama.cpp rounds the activations to 8 bits.</summary>
    public static readonly string[] QuantizedTypes =
    [
        "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K_S", "Q3_K_M", "Q3_K_L", "Q4_K_S", "Q4_K_M", "Q5_K_S", "Q5_K_M", "Q6_K",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("lapidary-peers-").FullName;

    /// <summary>Vocabulary of every preset.</summary>
    public const int Vocabulary = 1024;

    /// <summary>A folder for the files of one call.</summary>
    public string Scratch => folder;

    /// <summary>64 ids, four times the longest window: the first is the start of a text, the others are random.</summary>
    public static int[] Prompt
    {
        get
        {
            var random = new Random(3);
            return [2, .. Enumerable.Range(0, 63).Select(_ => random.Next(Vocabulary))];
        }
    }

    /// <summary>The Hugging Face folder of a preset, BF16 weights.</summary>
    public string HuggingFace(string preset) => Make(
        preset,
        path => ExternalProgram.Run(PeerEnvironment.Python, PeerEnvironment.Tool("make_checkpoint.py"), preset, path));

    /// <summary>The GGUF file of a preset in a type: the float types by <c>to_gguf.py</c>, the others by llama.cpp from F32.</summary>
    public string Gguf(string preset, string type)
    {
        string source = FloatTypes.Contains(type) ? HuggingFace(preset) : Gguf(preset, "F32");
        return Make($"{preset}-{type}.gguf", path =>
        {
            if (FloatTypes.Contains(type))
            {
                ExternalProgram.Run(
                    PeerEnvironment.Python, PeerEnvironment.Tool("to_gguf.py"), source, path, "--type", type.ToLowerInvariant());
            }
            else
            {
                ExternalProgram.LlamaQuantize(source, path, type);
            }
        });
    }

    /// <summary>The GGUF file of a Hugging Face folder in a float type, by <c>to_gguf.py</c>.</summary>
    public string GgufOf(string model, string type) => Make($"{Path.GetFileName(model)}-{type}.gguf", path => ExternalProgram.Run(
        PeerEnvironment.Python, PeerEnvironment.Tool("to_gguf.py"), model, path, "--type", type.ToLowerInvariant()));

    /// <summary>A random model in the shapes of Gemma 3 270M, BF16, with the real vocabulary.</summary>
    public string Gemma270M()
    {
        string tokenizer = PeerEnvironment.TokenizerFolder;
        return Make("gemma-3-270m", path => RandomCheckpoint.Write(Gemma3Presets.Find("gemma-3-270m")!, path, 1, ElementType.BF16, tokenizer));
    }

    /// <summary>The same file after llama.cpp decoded every tensor to F32.</summary>
    public string Decoded(string preset, string type)
    {
        string source = Gguf(preset, type);
        return Make($"{preset}-{type}-decoded.gguf", path => ExternalProgram.LlamaQuantize(source, path, "F32"));
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Make(string name, Action<string> write)
    {
        string path = Path.Combine(folder, name);
        if (!Path.Exists(path))
        {
            // A tool that fails half-way must not leave something that the next test takes for a model.
            string unfinished = path + ".unfinished";
            write(unfinished);
            Directory.Move(unfinished, path);
        }

        return path;
    }
}
