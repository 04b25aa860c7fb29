using System.Collections.Immutable;
using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Inference.Sampling;
using Lapidary.Networks;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference.Sampling;

public class SamplingOptionsTests
{
    [Fact]
    public void A_wrong_value_is_an_error_that_names_the_option()
    {
        Refused(() => new SamplingOptions { Temperature = -1 }, "Temperature is -1");
        Refused(() => new SamplingOptions { Temperature = float.NaN }, "Temperature is NaN");
        Refused(() => new SamplingOptions { TopK = -1 }, "TopK is -1");
        Refused(() => new SamplingOptions { TopP = 0 }, "TopP is 0");
        Refused(() => new SamplingOptions { TopP = 1.01f }, "TopP is 1.01");
        Refused(() => new SamplingOptions { MinP = 2 }, "MinP is 2");
        Refused(() => new SamplingOptions { RepetitionPenalty = 0 }, "RepetitionPenalty is 0");
        Refused(() => new SamplingOptions { PresencePenalty = float.PositiveInfinity }, "PresencePenalty is");
        Refused(() => new SamplingOptions { FrequencyPenalty = float.NaN }, "FrequencyPenalty is NaN");
        Refused(() => new SamplingOptions { PenaltyWindow = -1 }, "PenaltyWindow is -1");
        Refused(() => new SamplingOptions { LogitBias = ImmutableDictionary<int, float>.Empty.Add(-3, 1) }, "LogitBias is -3");
        Refused(() => new SamplingOptions { LogitBias = ImmutableDictionary<int, float>.Empty.Add(3, float.NaN) }, "LogitBias is NaN");

        static void Refused(Func<SamplingOptions> make, string expected) =>
            Should.Throw<ArgumentOutOfRangeException>(() => make()).Message.ShouldStartWith(expected);
    }

    [Fact]
    public void The_presets_are_found_by_name_and_hold_what_their_sources_recommend()
    {
        GenerationPreset card = GenerationPreset.Find("gemma-3n-gguf")!;
        (card.Sampling.Temperature, card.Sampling.TopP, card.Sampling.TopK, card.Sampling.RepetitionPenalty, card.MaxTokens)
            .ShouldBe((0.7f, 0.9f, 40, 1.1f, 4096));
        card.StopTokens.ShouldBe(["<end_of_turn>"]);
        GenerationPreset google = GenerationPreset.Find("gemma-3")!;
        (google.Sampling.Temperature, google.Sampling.TopP, google.Sampling.TopK, google.Sampling.MinP).ShouldBe((1f, 0.95f, 64, 0f));
        GenerationPreset.Find("no such").ShouldBeNull();
        GenerationPreset.All.Select(preset => preset.Name).ShouldBeUnique();
    }

    [Theory]
    [InlineData("""{"do_sample":true,"top_k":64,"top_p":0.95}""", 1, 64, 0.95, 1, null)]
    [InlineData("""{"do_sample":true,"temperature":0.7,"repetition_penalty":1.2,"max_new_tokens":99}""", 0.7, 50, 1, 1.2, 99)]
    [InlineData("""{"top_k":64,"top_p":0.95}""", 0, 0, 1, 1, null)]
    [InlineData("""{"do_sample":false,"repetition_penalty":1.2}""", 0, 0, 1, 1.2, null)]
    public void A_generation_config_means_what_it_means_to_transformers(
        string json, double temperature, int topK, double topP, double penalty, int? maxTokens)
    {
        GenerationDefaults read = Parse(json);
        read.Sampling.Temperature.ShouldBe((float)temperature);
        read.Sampling.TopK.ShouldBe(topK);
        read.Sampling.TopP.ShouldBe((float)topP);
        read.Sampling.RepetitionPenalty.ShouldBe((float)penalty);
        read.Sampling.PenaltyWindow.ShouldBeNull();
        read.MaxTokens.ShouldBe(maxTokens);
    }

    [Theory]
    [InlineData("""{"temperature":-1}""", "temperature is -1")]
    [InlineData("""{"temperature":1e39}""", "temperature is 1e39")]
    [InlineData("""{"temperature":"hot"}""", "temperature is the text \"hot\"")]
    [InlineData("""{"top_p":0}""", "top_p is 0")]
    [InlineData("""{"top_k":1.5}""", "top_k is 1.5")]
    [InlineData("""{"min_p":7}""", "min_p is 7")]
    [InlineData("""{"repetition_penalty":0}""", "repetition_penalty is 0")]
    [InlineData("""{"repetition_penalty":1e-45}""", "repetition_penalty is 1e-45")]
    [InlineData("""{"max_new_tokens":0}""", "max_new_tokens is 0")]
    [InlineData("""{"do_sample":3}""", "do_sample is 3")]
    public void A_wrong_generation_config_is_an_error_that_names_file_and_field(string json, string expected)
    {
        CheckpointException thrown = Should.Throw<CheckpointException>(() => Parse(json));
        thrown.Message.ShouldStartWith("generation_config.json: " + expected);
        thrown.Message.ShouldContain("was expected");
    }

    [Fact]
    public void A_gguf_file_says_it_in_its_metadata()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(
            folder["m.gguf"],
            TinyModel.Gguf().Set("general.sampling.temp", 0.5f).Set("general.sampling.top_k", 7u).Set("general.sampling.penalty_last_n", -1f).Build());
        File.WriteAllBytes(folder["silent.gguf"], TinyModel.Gguf().Build());
        File.WriteAllBytes(folder["wrong.gguf"], TinyModel.Gguf().Set("general.sampling.top_p", float.NaN).Build());
        using (Checkpoint file = Checkpoint.Open(folder["m.gguf"]))
        {
            SamplingOptions sampling = GenerationDefaults.Read(file).Sampling;
            (sampling.Temperature, sampling.TopK, sampling.TopP, sampling.PenaltyWindow).ShouldBe((0.5f, 7, 0.95f, null));
        }

        using (Checkpoint silent = Checkpoint.Open(folder["silent.gguf"]))
        {
            GenerationDefaults.Read(silent).Sampling.ShouldBe(GenerationPreset.Gemma3.Sampling);
        }

        using Checkpoint wrong = Checkpoint.Open(folder["wrong.gguf"]);
        Should.Throw<CheckpointException>(() => GenerationDefaults.Read(wrong)).Message.ShouldContain("general.sampling.top_p is NaN");
    }

    private static GenerationDefaults Parse(string json) => GenerationDefaults.FromHuggingFace(
        new ConfigFields(JsonFile.ParseObject(Encoding.UTF8.GetBytes(json), "generation_config.json"), "generation_config.json", string.Empty));
}
