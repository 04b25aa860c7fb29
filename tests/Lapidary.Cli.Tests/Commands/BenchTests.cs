using System.Text.Json;
using Lapidary.Cli.Tests.Processes;
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
}
