using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>The commands that read and write files of models.</summary>
public sealed class FileTests
{
    [Fact]
    public void InfoDescribesPebble()
    {
        ToolResult result = ToolProcess.Run("info", "--json", "--tensors", "--context", "1000");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldBeEmpty();
        JsonElement json = result.Json();
        json.GetProperty("architecture").GetString().ShouldBe("Gemma3ForCausalLM");
        JsonElement sizes = json.GetProperty("sizes");
        sizes.GetProperty("vocabulary").GetInt32().ShouldBe(3072);
        sizes.GetProperty("window").GetInt32().ShouldBe(128);
        JsonElement parameters = json.GetProperty("parameters");
        parameters.GetProperty("embedding").GetInt64().ShouldBe(3072 * 256);
        JsonElement[] tensors = [.. json.GetProperty("tensors").EnumerateArray()];
        tensors.Sum(tensor => tensor.GetProperty("shape").EnumerateArray().Aggregate(1L, (n, size) => n * size.GetInt64()))
            .ShouldBe(parameters.GetProperty("total").GetInt64());
        json.GetProperty("types")[0].GetProperty("tensors").GetInt32().ShouldBe(tensors.Length);
        json.GetProperty("memory").GetProperty("weight_bytes").GetInt64().ShouldBe(tensors.Sum(tensor => tensor.GetProperty("bytes").GetInt64()));
        JsonElement tokenizer = json.GetProperty("tokenizer");
        tokenizer.GetProperty("vocabulary").GetInt32().ShouldBe(3072);
        tokenizer.GetProperty("bos_id").GetInt32().ShouldBe(2);
        tokenizer.GetProperty("eos_id").GetInt32().ShouldBe(1);
        json.GetProperty("chat_template").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [InlineData(40, 512)]
    [InlineData(700, 7)]
    [InlineData(700, 512)]
    public void InfoReckonsTheCacheThatRunAllocates(int context, int chunk)
    {
        long reckoned = ToolProcess.Run("info", "--context", $"{context}", "--chunk", $"{chunk}", "--json")
            .Json().GetProperty("memory").GetProperty("cache_bytes").GetInt64();

        string tokens = string.Join(',', Enumerable.Range(0, context - 1).Select(i => i % 512));
        ToolProcess.Run("run", "--tokens", tokens, "-n", "5", "--context", $"{context}", "--chunk", $"{chunk}", "-t", "1", "--ignore-eos", "--json")
            .Json().GetProperty("cache_bytes").GetInt64().ShouldBe(reckoned);
    }

    [Fact]
    public void InitWritesTheSameBytesForTheSameSeed()
    {
        using var folder = new TemporaryFolder();
        JsonElement json = ToolProcess.Run("init", "tiny", "-o", folder["a"], "--seed", "3", "--dtype", "F32", "--json").Json();
        ToolProcess.Run("init", "tiny", "-o", folder["b"], "--seed", "3", "--dtype", "F32").ExitCode.ShouldBe(0);
        ToolProcess.Run("init", "tiny", "-o", folder["c"], "--seed", "4", "--dtype", "F32").ExitCode.ShouldBe(0);

        json.GetProperty("type").GetString().ShouldBe("F32");
        json.GetProperty("bytes").GetInt64().ShouldBe(4 * json.GetProperty("parameters").GetInt64());
        byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(folder[name], "model.safetensors"));
        Weights("a").ShouldBe(Weights("b"));
        Weights("a").SequenceEqual(Weights("c")).ShouldBeFalse();
    }

    [Fact]
    public void InitTakesShapesAndTokenizerFromFiles()
    {
        using var folder = new TemporaryFolder();
        string pebble = Path.Combine(Repository.Root, "models", "pebble");

        ToolResult result = ToolProcess.Run(
            "init", "--config", Path.Combine(pebble, "config.json"), "-o", folder["out"], "--tokenizer", pebble, "--seed", "6");

        result.ExitCode.ShouldBe(0, result.Error);
        foreach (string name in (string[])["tokenizer.json", "tokenizer_config.json"])
        {
            File.ReadAllBytes(Path.Combine(folder["out"], name)).ShouldBe(File.ReadAllBytes(Path.Combine(pebble, name)), name);
        }

        using Checkpoint written = Checkpoint.Open(folder["out"]);
        using Checkpoint shipped = Checkpoint.Open(pebble);
        Gemma3Config.From(written).ShouldBe(Gemma3Config.From(shipped));
        written.Tensors.Keys.Order().ShouldBe(shipped.Tensors.Keys.Order());
    }

    [Fact]
    public void InitRefusesATokenizerThatDoesNotFit()
    {
        using var folder = new TemporaryFolder();
        string pebble = Path.Combine(Repository.Root, "models", "pebble");
        File.WriteAllText(folder["config.json"], File.ReadAllText(Path.Combine(pebble, "config.json"))
            .Replace("\"vocab_size\": 3072", "\"vocab_size\": 2000", StringComparison.Ordinal));

        ToolResult result = ToolProcess.Run("init", "--config", folder["config.json"], "-o", folder["out"], "--tokenizer", pebble);

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("with the id 2000 where the network has 2000 rows");
        Directory.Exists(folder["out"]).ShouldBeFalse();
    }

    [Fact]
    public void ConvertGoesToF32AndBackWithoutLoss()
    {
        using var folder = new TemporaryFolder();
        JsonElement json = ToolProcess.Run("convert", "pebble", "-o", folder["f32"], "--dtype", "F32", "--json").Json();
        ToolProcess.Run("convert", folder["f32"], "-o", folder["bf16"], "--dtype", "BF16").ExitCode.ShouldBe(0);

        json.GetProperty("type").GetString().ShouldBe("F32");
        using Checkpoint there = Checkpoint.Open(Path.Combine(Repository.Root, "models", "pebble"));
        using Checkpoint back = Checkpoint.Open(folder["bf16"]);
        foreach (string name in there.Tensors.Keys)
        {
            Bytes(back.GetTensor(name)).ShouldBe(Bytes(there.GetTensor(name)), name);
        }
    }

    [Fact]
    public void OverwriteReplacesAModelAndItsAbsenceKeepsIt()
    {
        using var folder = new TemporaryFolder();
        ToolProcess.Run("init", "tiny", "-o", folder["model"]).ExitCode.ShouldBe(0);
        byte[] before = File.ReadAllBytes(Path.Combine(folder["model"], "model.safetensors"));

        ToolProcess.Run("init", "tiny", "-o", folder["model"], "--seed", "1").ExitCode.ShouldBe(2);
        File.ReadAllBytes(Path.Combine(folder["model"], "model.safetensors")).ShouldBe(before);

        ToolProcess.Run("init", "tiny", "-o", folder["model"], "--seed", "1", "--overwrite").ExitCode.ShouldBe(0);
        File.ReadAllBytes(Path.Combine(folder["model"], "model.safetensors")).ShouldNotBe(before);
    }

    [Fact]
    public void AHubIdIsFoundInTheCache()
    {
        using var folder = new TemporaryFolder();
        string repository = folder["hub/models--someone--small"];
        Directory.CreateDirectory(Path.Combine(repository, "refs"));
        Directory.CreateDirectory(Path.Combine(repository, "snapshots"));
        File.WriteAllText(Path.Combine(repository, "refs", "main"), "0123abc");
        ToolProcess.Run("init", "tiny", "-o", Path.Combine(repository, "snapshots", "0123abc")).ExitCode.ShouldBe(0);

        foreach ((string name, string value) in (ReadOnlySpan<(string, string)>)[("HF_HUB_CACHE", folder["hub"]), ("HF_HOME", folder.Path)])
        {
            ToolResult result = ToolProcess.RunWith(new Dictionary<string, string> { [name] = value }, "info", "someone/small", "--json");
            result.ExitCode.ShouldBe(0, result.Error);
            result.Json().GetProperty("model").GetString().ShouldBe("someone/small");
        }
    }

    private static unsafe byte[] Bytes(Tensor tensor) => new ReadOnlySpan<byte>(tensor.Data, checked((int)tensor.ByteLength)).ToArray();
}
