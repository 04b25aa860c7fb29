using Lapidary.Workbench.Compression;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression.Pruning;

/// <summary>Which matrices a selection names.</summary>
public sealed class TensorSelectionTests
{
    private static readonly string[] Names =
    [
        "model.embed_tokens.weight", "model.layers.0.input_layernorm.weight", "model.layers.0.self_attn.q_norm.weight",
        "model.layers.0.self_attn.q_proj.weight", "model.layers.12.mlp.down_proj.weight", "lm_head.weight", "vision.layers.0.mlp.up_proj.weight",
    ];

    [Fact]
    public void By_default_the_linear_layers_of_the_decoder_are_selected()
    {
        Names.Where(TensorSelection.Default.Matches).ShouldBe([Names[3], Names[4]]);
        TensorSelection.Default.UnusedPatterns(Names).ShouldBeEmpty();
    }

    [Fact]
    public void Patterns_are_found_anywhere_and_the_embedding_only_by_name()
    {
        var selection = new TensorSelection(["embed_tokens", "mlp"], ["vision"]);
        Names.Where(selection.Matches).ShouldBe([Names[0], Names[4]]);
        new TensorSelection([], [@"layers\.0\."]).Matches(Names[3]).ShouldBeFalse();
        new TensorSelection(["mlp", "conv"], ["audio"]).UnusedPatterns(Names).ShouldBe(["conv", "audio"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("(")]
    [InlineData("(?=q)")]
    public void What_is_no_pattern_is_refused(string pattern)
    {
        Should.Throw<ArgumentException>(() => new TensorSelection([pattern], []));
        Should.Throw<ArgumentException>(() => new TensorSelection([], [pattern]));
    }
}
