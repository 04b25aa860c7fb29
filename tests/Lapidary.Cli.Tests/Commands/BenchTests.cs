using System.Text.Json;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

public sealed class BenchTests
{
    [Fact]
    public void EveryLengthDepthAndNumberOfThreadsIsMeasured()
    {
        ToolResult result = ToolProcess.Run("bench", "-p", "16,5", "-n", "4", "-d", "0,8", "-t", "1,2", "-r", "2", "--json");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldBeEmpty();
        JsonElement json = result.Json();
        json.GetProperty("load_seconds").GetDouble().ShouldBeGreaterThan(0);
        json.GetProperty("peak_memory_bytes").GetInt64().ShouldBeGreaterThan(1 << 20);
        json.GetProperty("instruction_set").GetString().ShouldBeOneOf("AVX-512", "AVX2", "Vector128");
        JsonElement[] lines = [.. json.GetProperty("results").EnumerateArray()];
        lines.Select(line => $"{line.GetProperty("test").GetString()} x{line.GetProperty("threads").GetInt32()}").ShouldBe(
            ["pp16 x1", "pp5 x1", "tg4 x1", "tg4@d8 x1", "pp16 x2", "pp5 x2", "tg4 x2", "tg4@d8 x2"]);
        foreach (JsonElement rate in lines.Select(line => line.GetProperty("tokens_per_second")))
        {
            double median = rate.GetProperty("median").GetDouble();
            rate.GetProperty("minimum").GetDouble().ShouldBeInRange(double.Epsilon, median);
            rate.GetProperty("maximum").GetDouble().ShouldBeGreaterThanOrEqualTo(median);
        }

        lines.ShouldAllBe(line => line.GetProperty("sample_seconds").GetArrayLength() == 2);
    }

    [Fact]
    public void TheTableNamesEveryTest()
    {
        ToolResult result = ToolProcess.Run("bench", "-p", "8", "-n", "2", "-t", "1", "-r", "1");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldContain("tokens/s");
        result.Output.ShouldContain("pp8");
        result.Output.ShouldContain("tg2");
    }

    [Fact]
    public void ThePackedFormIsMeasuredBesideTheDenseOne()
    {
        using var folder = new TemporaryFolder();
        string model = PrunedModel.Write(Fixtures.PathOf("g3-tiny-a-bf16"), folder["pruned"], 0.5);

        ToolResult result = ToolProcess.Run("bench", model, "--sparse", "-p", "8", "-n", "4", "-d", "0,3", "-t", "1,2", "-r", "2", "--json");

        result.ExitCode.ShouldBe(0, result.Error);
        JsonElement json = result.Json();
        JsonElement sparse = json.GetProperty("sparse");
        sparse.GetProperty("matrices").GetInt32().ShouldBeGreaterThan(7);
        sparse.GetProperty("sparsity").GetDouble().ShouldBe(0.5, 0.05);
        sparse.GetProperty("packed_bytes").GetInt64().ShouldBeLessThan(sparse.GetProperty("dense_bytes").GetInt64());
        sparse.GetProperty("largest_logit_difference").GetDouble().ShouldBe(0);
        foreach (string form in new[] { "dense", "packed" })
        {
            sparse.GetProperty(form).GetProperty("load_seconds").GetDouble().ShouldBeGreaterThan(0);
            sparse.GetProperty(form).GetProperty("resident_bytes").GetInt64().ShouldBeGreaterThan(1 << 20);
        }

        string[] names = Tests(json);
        names.ShouldBe(["pp8 x1", "tg4 x1", "tg4@d3 x1", "pp8 x2", "tg4 x2", "tg4@d3 x2"]);
        Tests(sparse).ShouldBe(names);
        sparse.GetProperty("ratios").GetArrayLength().ShouldBe(names.Length);
        sparse.GetProperty("ratios").EnumerateArray().ShouldAllBe(ratio => ratio.GetDouble() > 0);
    }

    [Fact]
    public void TheTableOfAModelWithoutZerosSaysThatNothingWasPacked()
    {
        ToolResult result = ToolProcess.Run("bench", "--sparse", "-p", "0", "-n", "2", "-t", "1", "-r", "1");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldContain("no matrix has zeros enough");
        result.Output.ShouldContain("dense tokens/s");
        result.Output.ShouldContain("tg2");
    }

    [Fact]
    public void WithoutSparseNothingIsSaidOfIt() =>
        ToolProcess.Run("bench", "-p", "0", "-n", "2", "-t", "1", "-r", "1", "--json").Json().TryGetProperty("sparse", out _).ShouldBeFalse();

    [Fact]
    public void RunAndLogitsGiveTheSameWithPackedMatrices()
    {
        using var folder = new TemporaryFolder();
        string model = PrunedModel.Write(Fixtures.PathOf("g3-tiny-a-bf16"), folder["pruned"], 0.5);

        string[] line = ["run", model, "--tokens", "2,5,9", "-n", "12", "--temp", "0", "-t", "2", "--json"];
        int[] Ids(ToolResult result) => [.. result.Json().GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
        Ids(ToolProcess.Run([.. line, "--sparse"])).ShouldBe(Ids(ToolProcess.Run(line)));

        ToolProcess.Run("logits", model, "--tokens", "2,5,9", "-o", folder["dense.safetensors"]).ExitCode.ShouldBe(0);
        ToolProcess.Run("logits", model, "--tokens", "2,5,9", "--sparse", "-o", folder["sparse.safetensors"]).ExitCode.ShouldBe(0);
        File.ReadAllBytes(folder["sparse.safetensors"]).ShouldBe(File.ReadAllBytes(folder["dense.safetensors"]));
    }

    private static string[] Tests(JsonElement json) =>
    [
        .. json.GetProperty("results").EnumerateArray().Select(
            line => $"{line.GetProperty("test").GetString()} x{line.GetProperty("threads").GetInt32()}"),
    ];
}
