using System.Runtime.InteropServices;
using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Inference;
using Lapidary.Inference.Generation;
using Lapidary.Inference.Sampling;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference;

/// <summary>A model that is run with adapters, against an independent implementation in double precision.</summary>
public class AdapterTests
{
    private const double Tolerance = 2e-4;
    private static readonly string Base = Fixtures.PathOf("g3-tiny-a");
    private static readonly string Training = Fixtures.PathOf("train-g3-tiny-a");

    public static TheoryData<int, int, bool> Ways => new() { { 1, 512, true }, { 2, 512, false }, { 5, 7, true }, { 3, 1, false } };

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_lora_gives_the_fixtures_logits(int threads, int chunk, bool exact)
    {
        using LanguageModel model = Open(threads, chunk, exact, "lora_adapter");
        Compare(Logits(model), "lora_logits_row0.safetensors", "logits", 0);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_tuned_prompt_gives_the_fixtures_logits(int threads, int chunk, bool exact)
    {
        using LanguageModel model = Open(threads, chunk, exact, "prompt_adapter");
        model.VirtualTokens.ShouldBe(8);
        Compare(Logits(model), "prompt_tuning.safetensors", "logits_row0", 8);
    }

    [Fact]
    public void The_virtual_tokens_of_a_tuned_prompt_give_the_fixtures_logits()
    {
        using LanguageModel model = Open(2, 3, true, "prompt_adapter");
        using InferenceSession session = model.CreateSession(40);
        var rows = new List<float>();
        session.ProcessVirtual((first, _, values) =>
        {
            first.ShouldBe(rows.Count / model.Config.VocabularySize);
            rows.AddRange(values);
        });

        session.Position.ShouldBe(0);
        Closeness.LargestDifference(rows.ToArray(), Expected("prompt_tuning.safetensors", "logits_row0").AsSpan(0, rows.Count))
            .ShouldBeAtMost(Tolerance);
        rows.Count.ShouldBe(8 * model.Config.VocabularySize);
    }

    [Fact]
    public void With_exact_kernels_decoding_gives_the_bits_of_the_prompt_for_any_threads_and_chunks()
    {
        using var folder = new TemporaryFolder();
        string dora = RandomAdapter.Write(folder["dora"], Base, Dora, seed: 5);
        string[] adapters = ["lora_adapter", dora, "prompt_adapter"];
        float[] expected;
        using (LanguageModel model = Open(1, 512, true, adapters))
        {
            expected = Logits(model);
        }

        foreach ((int threads, int chunk) in ((int, int)[])[(2, 5), (5, 40), (3, 1)])
        {
            using LanguageModel model = Open(threads, chunk, true, adapters);
            Logits(model).ShouldBe(expected);
            Decoded(model).ShouldBe(expected);
        }

        using LanguageModel fast = Open(2, 512, false, adapters);
        Closeness.LargestDifference(Decoded(fast), expected).ShouldBeAtMost(Tolerance);
    }

    [Fact]
    public void A_generation_is_the_same_alone_and_beside_others()
    {
        using LanguageModel model = Open(2, 16, true, "lora_adapter", "prompt_adapter");
        int[] tokens = Tokens();
        int[][] prompts = [tokens[..20], tokens[..9], tokens[5..38], tokens[..20]];
        int[][] alone = [.. prompts.Select(prompt => Generate(model, 1, prompt)[0])];

        Generate(model, 4, prompts).ShouldBe(alone);
        Generate(model, 2, prompts).ShouldBe(alone);
    }

    [Fact]
    public async Task A_cache_with_virtual_tokens_is_gone_on_from()
    {
        using LanguageModel model = Open(2, 8, true, "prompt_adapter");
        using var generator = new TokenGenerator(model, new TokenGeneratorOptions { MaxSequences = 1 });
        generator.ContextLength.ShouldBe(model.Config.ContextLength - 8);
        int[] tokens = Tokens();
        int[] first = await Take(generator, tokens[..10]);
        int[] longer = [.. tokens[..10], .. first];
        GenerationSummary? end = null;
        int[] second = await Take(generator, longer, summary => end = summary);

        end.ShouldNotBeNull().CachedTokens.ShouldBeGreaterThan(9);
        end.PromptTokens.ShouldBe(longer.Length);
        second.ShouldBe(Generate(model, 1, longer)[0]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(30)]
    public void A_session_goes_back_to_its_virtual_tokens(int processed)
    {
        using LanguageModel model = Open(2, 8, true, "prompt_adapter");
        using InferenceSession session = model.CreateSession(64);
        int[] tokens = Tokens();
        float[] expected = session.Process(tokens.AsSpan(0, processed)).ToArray();

        session.TryRewind(0).ShouldBeTrue();
        session.Position.ShouldBe(0);
        session.Process(tokens.AsSpan(0, processed)).ToArray().ShouldBe(expected);

        session.Process(tokens.AsSpan(processed, 2));
        session.TryRewind(processed).ShouldBeTrue();
        float[] again = session.Process(tokens.AsSpan(processed - 1, 1)).ToArray();
        session.Reset();
        session.Process([.. tokens[..processed], tokens[processed - 1]]).ToArray().ShouldBe(again);
    }

    [Fact]
    public void An_observer_sees_the_tokens_and_not_the_virtual_ones()
    {
        using LanguageModel model = Open(2, 8, true, "prompt_adapter");
        using InferenceSession session = model.CreateSession(64);
        var rows = new List<int>();
        session.Observer = (name, first, width, values) =>
        {
            if (name.Kind == ActivationKind.FinalNorm)
            {
                rows.AddRange(Enumerable.Range(first, values.Length / width));
            }
        };
        session.Process(Tokens().AsSpan(0, 20));

        rows.ShouldBe(Enumerable.Range(0, 20));
    }

    [Fact]
    public void Decoding_with_adapters_allocates_no_managed_memory()
    {
        using var folder = new TemporaryFolder();
        using LanguageModel model = Open(2, 512, false, "lora_adapter", RandomAdapter.Write(folder["dora"], Base, Dora, seed: 5), "prompt_adapter");
        using InferenceSession session = model.CreateSession(200);
        for (int i = 0; i < 50; i++)
        {
            session.Decode(5);
        }

        ManagedAllocation.Least(() =>
        {
            for (int i = 0; i < 25; i++)
            {
                session.Decode(7);
            }
        }).ShouldBe(0);
    }

    [Fact]
    public void Half_an_adapter_and_several_are_the_sum_of_their_changes()
    {
        using var folder = new TemporaryFolder();
        string dora = RandomAdapter.Write(folder["dora"], Base, Dora, seed: 5);
        string rsLora = RandomAdapter.Write(folder["rslora"], Base, RsLora, seed: 6);
        AdapterReference[] references = [new(dora, 0.5f), new(rsLora, -0.75f)];
        WriteMerged(folder["merged"], references);
        using LanguageModel unmerged = LanguageModel.Open(Base, new InferenceOptions { Threads = 2, Adapters = references });
        using LanguageModel merged = LanguageModel.Open(folder["merged"], new InferenceOptions { Threads = 2 });
        using LanguageModel without = LanguageModel.Open(Base, new InferenceOptions { Threads = 2 });

        float[] expected = Logits(merged);
        Closeness.LargestDifference(Logits(unmerged), expected).ShouldBeAtMost(Tolerance);
        Closeness.LargestDifference(Logits(without), expected).ShouldBeGreaterThan(1f);
    }

    [Fact]
    public void None_of_an_adapter_is_the_model_alone()
    {
        using LanguageModel with = LanguageModel.Open(
            Base, new InferenceOptions { Threads = 2, Adapters = [new AdapterReference(Path.Combine(Training, "lora_adapter"), 0)] });
        using LanguageModel without = LanguageModel.Open(Base, new InferenceOptions { Threads = 2 });

        Logits(with).ShouldBe(Logits(without));
    }

    [Fact]
    public void An_adapter_of_the_output_matrix_leaves_the_tied_embedding_alone()
    {
        using var folder = new TemporaryFolder();
        string lora = folder["head"];
        var config = new LoraConfig { Rank = 2, Alpha = 4, TargetModules = ["lm_head"] };
        using (Tensor a = Tensor.Allocate(ElementType.F32, 2, 64))
        using (Tensor b = Tensor.Allocate(ElementType.F32, 512, 2))
        {
            a.AsFloats().Fill(0.01f);
            b.AsFloats().Fill(0.5f);
            PeftAdapter.Save(lora, config, [new LoraPair("lm_head.weight", a, b, null, 2)]);
        }

        using LanguageModel with = LanguageModel.Open(Base, new InferenceOptions { Threads = 2, Adapters = [new AdapterReference(lora)] });
        using LanguageModel without = LanguageModel.Open(Base, new InferenceOptions { Threads = 2 });
        (float[] changed, float[] hiddenWith) = Observed(with);
        (float[] plain, float[] hiddenWithout) = Observed(without);

        hiddenWith.ShouldBe(hiddenWithout);
        for (int row = 0; row < 40; row++)
        {
            // Both columns of B are 0.5 and all of A is 0.01, times the scale 2.
            double sum = hiddenWith.AsSpan(row * 64, 64).ToArray().Sum(value => (double)value) * 0.02;
            Math.Abs(changed[row * 512] - plain[row * 512] - sum).ShouldBeAtMost(1e-4);
        }

        Should.Throw<CheckpointException>(() => AdapterConverter.Merge(without.Checkpoint, [new AdapterReference(lora)], folder["out"]))
            .Message.ShouldContain("ties to its embedding");
    }

    private static readonly LoraConfig Dora = new() { Rank = 3, Alpha = 6, UseDora = true, TargetModules = [LoraConfig.AllLinear] };

    private static readonly LoraConfig RsLora = new()
    {
        Rank = 5,
        Alpha = 4,
        UseRsLora = true,
        TargetModules = ["q_proj", "down_proj", "o_proj"],
        RankPattern = new Dictionary<string, int> { ["o_proj"] = 2 },
        AlphaPattern = new Dictionary<string, double> { [@"layers\.[0-3]\.mlp\.down_proj"] = 9 },
    };

    // The base with its weights changed in double precision, as a folder.
    private static void WriteMerged(string folder, AdapterReference[] references)
    {
        using Checkpoint model = Checkpoint.Open(Base);
        PeftAdapter[] adapters = [.. references.Select(reference => PeftAdapter.Open(reference.Folder))];
        (PeftAdapter, float)[] parts = [.. adapters.Zip(references, (adapter, reference) => (adapter, reference.Scale))];
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(Base, "config.json"), Path.Combine(folder, "config.json"));
        TensorInfo[] tensors = [.. model.Tensors.Values];
        using (var writer = new SafetensorsWriter(
            Path.Combine(folder, "model.safetensors"),
            [.. tensors.Select(tensor => new TensorDeclaration(tensor.Name, StoredType.Of(ElementType.F32), tensor.Shape))]))
        {
            foreach (TensorInfo tensor in tensors)
            {
                writer.Write(MemoryMarshal.AsBytes(DenseUpdate.Merge(model, tensor.Name, parts).AsSpan()));
            }

            writer.Complete();
        }

        Array.ForEach(adapters, adapter => adapter.Dispose());
    }

    private static (float[] Logits, float[] Hidden) Observed(LanguageModel model)
    {
        int[] tokens = Tokens();
        using InferenceSession session = model.CreateSession(tokens.Length);
        var logits = new List<float>();
        float[] hidden = [];
        session.Observer = (name, _, _, values) => hidden = name.Kind == ActivationKind.FinalNorm ? values.ToArray() : hidden;
        session.ProcessAll(tokens, (_, _, values) => logits.AddRange(values));
        return ([.. logits], hidden);
    }

    private static float[] Decoded(LanguageModel model)
    {
        using InferenceSession session = model.CreateSession(64);
        var logits = new List<float>();
        foreach (int token in Tokens())
        {
            logits.AddRange(session.Decode(token));
        }

        return [.. logits];
    }

    private static int[][] Generate(LanguageModel model, int sequences, params int[][] prompts)
    {
        using var generator = new TokenGenerator(model, new TokenGeneratorOptions { MaxSequences = sequences });
        Task<int[]>[] tasks = [.. prompts.Select(prompt => Take(generator, prompt))];
        return Task.WhenAll(tasks).GetAwaiter().GetResult();
    }

    private static async Task<int[]> Take(TokenGenerator generator, int[] prompt, Action<GenerationSummary>? ended = null)
    {
        var tokens = new List<int>();
        var request = new GenerationRequest { Prompt = [.. prompt], Sampling = SamplingOptions.Greedy, MaxTokens = 12, StopTokens = [] };
        await foreach (GenerationStep step in generator.GenerateAsync(request, TestContext.Current.CancellationToken))
        {
            tokens.Add(step.Token!.Value);
            if (step.End is { } summary)
            {
                ended?.Invoke(summary);
            }
        }

        return [.. tokens];
    }

    private static LanguageModel Open(int threads, int chunk, bool exact, params string[] adapters) => LanguageModel.Open(
        Base,
        new InferenceOptions
        {
            Threads = threads,
            ChunkSize = chunk,
            Exact = exact,
            Adapters = [.. adapters.Select(name => new AdapterReference(Path.Combine(Training, name)))],
        });

    private static int[] Tokens()
    {
        using JsonDocument batch = JsonDocument.Parse(File.ReadAllText(Path.Combine(Training, "batch.json")));
        return [.. batch.RootElement.GetProperty("input_ids")[0].EnumerateArray().Select(id => id.GetInt32())];
    }

    private static float[] Logits(LanguageModel model)
    {
        int[] tokens = Tokens();
        using InferenceSession session = model.CreateSession(tokens.Length);
        var logits = new float[tokens.Length * model.Config.VocabularySize];
        session.ProcessAll(tokens, (first, _, values) => values.CopyTo(logits.AsSpan(first * model.Config.VocabularySize)));
        return logits;
    }

    private static void Compare(float[] actual, string file, string tensor, int skippedRows) =>
        Closeness.LargestDifference(actual, Expected(file, tensor).AsSpan(skippedRows * 512)).ShouldBeAtMost(Tolerance);

    private static float[] Expected(string file, string name)
    {
        using SafetensorsFile opened = SafetensorsFile.Open(Path.Combine(Training, file));
        return opened.GetTensor(name).AsFloats().ToArray();
    }
}
