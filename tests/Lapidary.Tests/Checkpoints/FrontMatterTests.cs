using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Checkpoints;

/// <summary>Model cards and names, and what a GGUF file gets of them.</summary>
public sealed class FrontMatterTests : IDisposable
{
    private const string Card = """
        ---
        license: gemma
        license_name: gemma-terms
        license_link: https://ai.google.dev/gemma/terms
        base_model: google/gemma-3-270m-it
        base_model_relation: finetune
        datasets:
        - databricks/databricks-dolly-15k
        - https://huggingface.co/datasets/x/y
        - name: Notes
          organization: Us
        language:
        - en
        - no
        tags: [text-generation, "two words"]
        pipeline_tag: text-generation
        model_creator: Somebody
        quantized_by: Nobody
        description: |
          Two
          lines
        ---
        # A model
        license: not this
        """;

    private readonly TemporaryFolder folder = new();

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_card_gives_the_general_keys()
    {
        string model = TinyModel.WriteFolder(folder["my-gemma-3-1k-it-v2"]);
        File.WriteAllText(Path.Combine(model, "README.md"), Card);
        using (Checkpoint source = Checkpoint.Open(model))
        {
            CheckpointConverter.ToGguf(source, folder["a.gguf"], withTokenizer: false, cancellationToken: TestContext.Current.CancellationToken);
        }

        using GgufFile gguf = GgufFile.Open(folder["a.gguf"]);
        foreach ((string key, string value) in ((string, string)[])
        [
            ("architecture", "gemma3"), ("type", "model"), ("name", "My Gemma 3 1k It v2"), ("author", "Somebody"), ("version", "v2"),
            ("basename", "my-gemma-3"), ("finetune", "it"), ("size_label", "1K"), ("quantized_by", "Nobody"), ("description", "Two\nlines\n"),
            ("license", "gemma"), ("license.name", "gemma-terms"), ("license.link", "https://ai.google.dev/gemma/terms"),
            ("base_model.0.name", "Gemma 3 270m It"), ("base_model.0.organization", "Google"),
            ("base_model.0.repo_url", "https://huggingface.co/google/gemma-3-270m-it"),
            ("dataset.0.name", "Databricks Dolly 15k"), ("dataset.0.organization", "Databricks"),
            ("dataset.0.repo_url", "https://huggingface.co/databricks/databricks-dolly-15k"),
            ("dataset.1.repo_url", "https://huggingface.co/datasets/x/y"), ("dataset.2.name", "Notes"), ("dataset.2.organization", "Us"),
        ])
        {
            gguf.Metadata["general." + key].ToText().ShouldBe(value, key);
        }

        gguf.Metadata["general.base_model.count"].ToInt64().ShouldBe(1);
        gguf.Metadata["general.dataset.count"].ToInt64().ShouldBe(3);
        gguf.Metadata["general.languages"].ToTexts().ShouldBe(["en", "no"]);
        gguf.Metadata["general.tags"].ToTexts().ShouldBe(["text-generation", "two words", "text-generation"]);
        gguf.Metadata["general.quantization_version"].ToInt64().ShouldBe(2);
        gguf.Metadata.ContainsKey("general.alignment").ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("# Only text")]
    [InlineData("---")]
    [InlineData("---\nlicense: mit\n")]
    [InlineData("---\n---\n")]
    [InlineData("---\n# a comment\n---\n")]
    [InlineData("---\n~\n---\n")]
    [InlineData(" ---\nlicense: mit\n---\n")]
    public void What_is_no_front_matter_says_nothing(string text) => FrontMatter.Parse(text, "card").Count.ShouldBe(0);

    [Theory]
    [InlineData("---\n- a\n- b\n---\n", "has front matter that is not a mapping")]
    [InlineData("---\nmit\n---\n", "has front matter that is not a mapping")]
    [InlineData("---\na: [1,\n---\n", "has front matter that is not YAML (line ")]
    [InlineData("---\na: \"x\n---\n", "has front matter that is not YAML")]
    [InlineData("---\na: b: c\n---\n", "has front matter that is not YAML (line 2)")]
    [InlineData("---\na: &x [1]\nb: [*x, *x]\n---\n", "has an alias in its front matter, which is not read")]
    [InlineData("---\n? [a]\n: b\n---\n", "has a key in its front matter that is not a text")]
    [InlineData("---\na: \"\\UFFFFFFFF\"\n---\n", "has front matter that is not YAML")]
    [InlineData("---\na: \0\n---\n", "has a control character in its front matter")]
    [InlineData("---\na: [[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]\n---\n", "nests more than 16 deep")]
    public void Broken_front_matter_is_refused_in_one_sentence(string text, string fragment)
    {
        var thrown = Should.Throw<CheckpointException>(() => FrontMatter.Parse(text, "card"));
        thrown.Message.ShouldStartWith("card: ");
        thrown.Message.ShouldContain(fragment);
        thrown.Message.ShouldNotContain('\n');
    }

    [Fact]
    public void Front_matter_is_bounded()
    {
        Should.Throw<CheckpointException>(() => FrontMatter.Parse($"---\na: {new string('x', 1 << 20)}\n---\n", "card")).Message.ShouldContain("at most 1048576");
        string many = string.Concat(Enumerable.Repeat("- 1\n", 100_001));
        Should.Throw<CheckpointException>(() => FrontMatter.Parse($"---\na:\n{many}---\n", "card")).Message.ShouldContain("more than 100000 values");
        File.WriteAllBytes(folder["README.md"], [.. "---\na: "u8, 0xFF, .. "\n---\n"u8]);
        Should.Throw<CheckpointException>(() => FrontMatter.Read(folder["README.md"])).Message.ShouldContain("is not valid UTF-8");
        FrontMatter.Read(folder["none.md"]).Count.ShouldBe(0);
    }

    [Fact]
    public void Mutated_cards_are_read_or_refused()
    {
        const string Characters = "-:[]{}&*!|>'\"%@`#,? \n\tax\\\0\u2028";
        var random = new SplitMix64(11);
        for (int i = 0; i < 1_500; i++)
        {
            char[] text = Card.ToCharArray();
            for (int change = 0; change < 1 + random.NextInt(4); change++)
            {
                text[random.NextInt(text.Length)] = Characters[random.NextInt(Characters.Length)];
            }

            try
            {
                JsonObject card = FrontMatter.Parse(new string(text), "card");
                card.ToJsonString().Length.ShouldBeGreaterThan(0);
            }
            catch (CheckpointException thrown)
            {
                thrown.Message.ShouldNotContain('\n');
            }
        }
    }

    // What gguf-py gives for the same names and numbers of parameters.
    [Theory]
    [InlineData("google/gemma-3-270m", 268_098_176, "gemma-3-270m", "google", "gemma-3", null, null, "270M")]
    [InlineData("google/gemma-3-1b-it", 999_885_952, "gemma-3-1b-it", "google", "gemma-3", "it", null, "1B")]
    [InlineData("pebble-it", 4_694_144, "pebble-it", null, null, null, null, null)]
    [InlineData("my-model-chat-v1.2", 1000, "my-model-chat-v1.2", null, "my-model", "chat", "v1.2", null)]
    [InlineData("Yarn-Mistral-7b-128k", 7_000_000_000, "Yarn-Mistral-7b-128k", null, "Yarn-Mistral", "128k", null, "7B")]
    [InlineData("bloom-7b1-small", 7_100_000_000, "bloom-7b1-small", null, "bloom", "small", null, "7.1B")]
    [InlineData("./x", 1, "x", null, null, null, null, null)]
    [InlineData("A sentence of words", 1, "A sentence of words", null, null, null, null, null)]
    public void Names_are_taken_apart_as_gguf_py_does(
        string id, long parameters, string name, string? organization, string? basename, string? finetune, string? version, string? size) =>
        ModelName.Parse(id, parameters).ShouldBe(new ModelName(name, organization, basename, finetune, version, size));

    [Theory]
    [InlineData(268_098_176, "268M")]
    [InlineData(999_885_952, "1000M")]
    [InlineData(1_500_000_000, "1.5B")]
    [InlineData(7_000, "7.0K")]
    [InlineData(120, "0.12K")]
    public void Sizes_have_two_digits(long parameters, string expected) => ModelName.SizeOf(parameters).ShouldBe(expected);

    [Fact]
    public void A_snapshot_of_the_cache_has_the_name_of_its_repository()
    {
        ModelName.Of("/cache/hub/models--google--gemma-3-270m/snapshots/0123abc").ShouldBe("google/gemma-3-270m");
        ModelName.Of("/models/mine/").ShouldBe("mine");
    }
}
