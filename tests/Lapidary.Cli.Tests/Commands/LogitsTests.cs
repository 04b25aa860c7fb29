using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

public sealed class LogitsTests
{
    private static readonly string Tokens = string.Join(',', Enumerable.Range(0, 150).Select(i => (i * 37) % 512));

    [Fact]
    public void TheFileHoldsOneRowPerToken()
    {
        using var folder = new TemporaryFolder();
        ToolResult result = ToolProcess.Run("logits", "--tokens", "2,10,20", "-o", folder["out.safetensors"], "-t", "1", "--json");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldBeEmpty();
        result.Json().GetProperty("tensors").EnumerateArray().Select(name => name.GetString()).ShouldBe(["logits"]);
        (int[] shape, float[] values) = Read(folder["out.safetensors"], "logits");
        shape.ShouldBe([3, 3072]);
        values.ShouldAllBe(value => float.IsFinite(value));

        // The largest of the last row is what run says first.
        string first = ToolProcess.Run("run", "pebble", "--tokens", "2,10,20", "-n", "1", "-t", "1", "--ignore-eos").Output.Trim();
        float[] last = values[(2 * 3072)..];
        Array.IndexOf(last, last.Max()).ToString().ShouldBe(first);
    }

    [Theory]
    [InlineData("--threads", "2", "--chunk", "512")]
    [InlineData("--threads", "1", "--chunk", "7")]
    [InlineData("--threads", "3", "--chunk", "64")]
    [InlineData("--threads", "1", "--chunk", "1")]
    public void ThreadsAndChunksDoNotChangeABit(params string[] options)
    {
        using var folder = new TemporaryFolder();
        ToolProcess.Run("logits", "--tokens", Tokens, "-o", folder["a"], "--dump-all", "-t", "1").ExitCode.ShouldBe(0);
        ToolProcess.Run([.. (string[])["logits", "--tokens", Tokens, "-o", folder["b"], "--dump-all"], .. options]).ExitCode.ShouldBe(0);

        File.ReadAllBytes(folder["b"]).SequenceEqual(File.ReadAllBytes(folder["a"])).ShouldBeTrue();
    }

    [Fact]
    public void NamedActivationsStandBesideTheLogits()
    {
        using var folder = new TemporaryFolder();
        ToolResult result = ToolProcess.Run(
            "logits", "--tokens", "2,10,20", "-o", folder["out"], "--dump", "final_norm,hidden.0,layers.1.key", "-t", "1", "--json");

        result.ExitCode.ShouldBe(0, result.Error);
        Read(folder["out"], "hidden.0").Shape.ShouldBe([3, 256]);
        Read(folder["out"], "final_norm").Shape.ShouldBe([3, 256]);
        Read(folder["out"], "layers.1.key").Shape.ShouldBe([3, 64]);
    }

    [Fact]
    public void TheRoundedScaleMovesTheEmbedding()
    {
        // sqrt(256) is 16 in any type, so a model of another width shows it.
        using var folder = new TemporaryFolder();
        string config = File.ReadAllText(Path.Combine(Repository.Root, "models", "pebble", "config.json"))
            .Replace("\"hidden_size\": 256", "\"hidden_size\": 96", StringComparison.Ordinal);
        File.WriteAllText(folder["config.json"], config);
        ToolProcess.Run("init", "--config", folder["config.json"], "-o", folder["model"]).ExitCode.ShouldBe(0);
        ToolProcess.Run("logits", folder["model"], "--tokens", "2,3", "-o", folder["a"], "--dump", "hidden.0", "-t", "1").ExitCode.ShouldBe(0);
        ToolProcess.Run("logits", folder["model"], "--tokens", "2,3", "-o", folder["b"], "--dump", "hidden.0", "-t", "1", "--bf16-scale").ExitCode.ShouldBe(0);

        float[] exact = Read(folder["a"], "hidden.0").Values;
        float[] rounded = Read(folder["b"], "hidden.0").Values;
        float expected = 9.8125f / MathF.Sqrt(96);
        (rounded[0] / exact[0]).ShouldBe(expected, 1e-6f);
    }

    [Fact]
    public void AFailureLeavesNoFile()
    {
        using var folder = new TemporaryFolder();
        ToolProcess.Run("logits", "--tokens", "3600", "-o", folder["out"]).ExitCode.ShouldBe(2);

        Directory.EnumerateFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    private static (int[] Shape, float[] Values) Read(string path, string tensor)
    {
        byte[] file = File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        JsonElement entry = JsonDocument.Parse(file.AsMemory(8, length)).RootElement.GetProperty(tensor);
        entry.GetProperty("dtype").GetString().ShouldBe("F32");
        int[] range = [.. entry.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32())];
        return (
            [.. entry.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())],
            MemoryMarshal.Cast<byte, float>(file.AsSpan(8 + length + range[0], range[1] - range[0])).ToArray());
    }
}
