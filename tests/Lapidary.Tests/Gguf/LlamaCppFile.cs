using System.Text.Json;
using Lapidary.Checkpoints;
using Xunit;

namespace Lapidary.Tests.Gguf;

/// <summary>A file of <c>tests/Fixtures/gguf</c>, quantized by llama.cpp, with what it must compute.</summary>
internal sealed class LlamaCppFile
{
    private static readonly string Folder = FindFixtures();

    private readonly JsonElement expected;

    private LlamaCppFile(string name, JsonElement root)
    {
        Name = name;
        Prompt = Integers(root.GetProperty("prompt"));
        GreedyPrompt = Prompt[..root.GetProperty("greedy_prompt_length").GetInt32()];
        expected = root.GetProperty("files").GetProperty(name);
    }

    /// <summary>Names of all files.</summary>
    public static TheoryData<string> Names => [.. ReadExpected().GetProperty("files").EnumerateObject().Select(file => file.Name)];

    /// <summary>Model and type: <c>wide-Q4_K</c>.</summary>
    public string Name { get; }

    /// <summary>The GGUF file.</summary>
    public string Path => System.IO.Path.Combine(Folder, Name + ".gguf");

    /// <summary>The ids to which the logits belong.</summary>
    public int[] Prompt { get; }

    /// <summary>The ids before the greedy ones.</summary>
    public int[] GreedyPrompt { get; }

    /// <summary>What a float64 pass continues <see cref="GreedyPrompt"/> with.</summary>
    public int[] Greedy => Integers(expected.GetProperty("greedy"));

    /// <summary>Canonical name of each matrix, and the SHA-256 of its float32 values as llama.cpp decodes them.</summary>
    public IEnumerable<KeyValuePair<string, string>> DecodedHashes =>
        expected.GetProperty("decoded_sha256").EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, entry.Value.GetString()!));

    /// <summary>Logits [tokens, vocabulary] of the float64 pass, rounded once.</summary>
    public float[] Logits
    {
        get
        {
            using SafetensorsFile file = SafetensorsFile.Open(System.IO.Path.ChangeExtension(Path, ".safetensors"));
            return file.GetTensor("logits").AsFloats().ToArray();
        }
    }

    /// <summary>One of <see cref="Names"/>.</summary>
    public static LlamaCppFile Open(string name) => new(name, ReadExpected());

    private static JsonElement ReadExpected()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(Folder, "expected.json")));
        return document.RootElement.Clone();
    }

    private static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];

    // They stay where they are in the repository: copying megabytes beside every build would only slow it.
    private static string FindFixtures()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            string candidate = System.IO.Path.Combine(folder, "Fixtures", "gguf");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Fixtures/gguf.");
    }
}
