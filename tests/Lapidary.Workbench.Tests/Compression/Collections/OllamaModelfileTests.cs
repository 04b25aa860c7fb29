using Lapidary.Inference.Sampling;
using Lapidary.Workbench.Compression.Collections;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression.Collections;

/// <summary>Modelfiles for Ollama.</summary>
public sealed class OllamaModelfileTests
{
    private static readonly SamplingOptions Sampling = new() { Temperature = 0.7f, TopK = 64, TopP = 0.95f };

    [Fact]
    public void A_tuned_model_gets_template_stop_and_sampling()
    {
        string text = OllamaModelfile.Create("m-Q4_0.gguf", Sampling, hasTurns: true);
        text.ShouldStartWith("FROM ./m-Q4_0.gguf\nTEMPLATE \"\"\"{{- $system");
        text.ShouldContain("<start_of_turn>model\n\"\"\"\nPARAMETER stop <end_of_turn>\n");
        text.ShouldEndWith("PARAMETER temperature 0.7\nPARAMETER top_k 64\nPARAMETER top_p 0.95\nPARAMETER min_p 0\nPARAMETER repeat_penalty 1\n");

        // Actions of the template are closed, and blocks are ended.
        string template = text.Split("\"\"\"")[1];
        Count(template, "{{").ShouldBe(Count(template, "}}"));
        (Count(template, "{{- if ") + Count(template, "{{ if ") + Count(template, "{{- range ")).ShouldBe(Count(template, "end }}"));
    }

    [Fact]
    public void A_base_model_gets_no_template()
    {
        string text = OllamaModelfile.Create("base-F16.gguf", Sampling, hasTurns: false);
        text.ShouldStartWith("FROM ./base-F16.gguf\nPARAMETER temperature 0.7\n");
        text.ShouldNotContain("stop");
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
