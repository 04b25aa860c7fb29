using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>Adapters on the command line.</summary>
public sealed class AdapterTests
{
    private static readonly string Base = Fixtures.PathOf("g3-tiny-a");
    private static readonly string Training = Fixtures.PathOf("train-g3-tiny-a");
    private static readonly string Lora = Path.Combine(Training, "lora_adapter");
    private static readonly string Prompt = Path.Combine(Training, "prompt_adapter");

    [Theory]
    [InlineData("lora_adapter", "lora_logits_row0.safetensors", "logits", 0)]
    [InlineData("prompt_adapter", "prompt_tuning.safetensors", "logits_row0", 8)]
    public void LogitsGivesTheFixturesLogits(string adapter, string file, string tensor, int skipped)
    {
        using var folder = new TemporaryFolder();
        string tokens = string.Join(',', JsonDocument.Parse(File.ReadAllText(Path.Combine(Training, "batch.json"))).RootElement
            .GetProperty("input_ids")[0].EnumerateArray());

        ToolResult result = ToolProcess.Run(
            "logits", Base, "--adapter", Path.Combine(Training, adapter), "--tokens", tokens, "-o", folder["out.safetensors"], "--chunk", "7");

        result.ExitCode.ShouldBe(0, result.Error);
        using SafetensorsFile expected = SafetensorsFile.Open(Path.Combine(Training, file));
        using SafetensorsFile actual = SafetensorsFile.Open(folder["out.safetensors"]);
        Closeness.LargestDifference(actual.GetTensor("logits").AsFloats(), expected.GetTensor(tensor).AsFloats()[(skipped * 512)..])
            .ShouldBeAtMost(2e-4);
    }

    [Fact]
    public void MergeAndAdapterGenerateTheSame()
    {
        using var folder = new TemporaryFolder();
        ToolResult merge = ToolProcess.Run("merge", Base, "--adapter", Lora + ":0.5", "--adapter", Lora + ":0.5", "-o", folder["merged"], "--json");
        merge.ExitCode.ShouldBe(0, merge.Error);
        merge.Json().GetProperty("type").GetString().ShouldBe("F32");

        string[] Ids(params string[] arguments)
        {
            JsonElement json = ToolProcess.Run(["run", .. arguments, "--tokens", "2,10,20", "-n", "8", "--ignore-eos", "--json"]).Json();
            return [.. json.GetProperty("ids").EnumerateArray().Select(id => id.ToString())];
        }

        string[] merged = Ids(folder["merged"]);
        Ids(Base, "--adapter", Lora).ShouldBe(merged);
        Ids(Base).ShouldNotBe(merged);
        JsonElement json = ToolProcess.Run("run", Base, "--adapter", Lora + ":0.25", "--tokens", "2", "-n", "1", "--json").Json();
        json.GetProperty("adapters")[0].GetProperty("scale").GetDouble().ShouldBe(0.25);
    }

    [Fact]
    public void ConvertWritesAnAdapterAsGguf()
    {
        using var folder = new TemporaryFolder();
        ToolResult result = ToolProcess.Run("convert", Lora, "--base", Base, "-o", folder["lora.gguf"], "--json");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Json().GetProperty("alpha").GetDouble().ShouldBe(8);
        result.Json().GetProperty("tensors").GetInt32().ShouldBe(98);
        using GgufFile file = GgufFile.Open(folder["lora.gguf"]);
        file.Tensors["blk.0.attn_q.weight.lora_a"].Shape.ShouldBe([4, 64]);
        ToolProcess.Run("convert", Lora, "--base", Base, "-o", folder["lora.gguf"]).Error.ShouldContain("--overwrite");
    }

    [Theory]
    [InlineData("merge: expected --adapter, found no such option", "merge", "BASE", "-o", "OUT")]
    [InlineData("is a tuned prompt, which cannot be merged into weights", "merge", "BASE", "--adapter", "PROMPT", "-o", "OUT")]
    [InlineData("expected a folder, or a folder and a number such as DIR:0.5", "run", "BASE", "--adapter", "LORA:half", "--tokens", "2")]
    [InlineData("expected a folder, or a folder and a number such as DIR:0.5", "run", "BASE", "--adapter", "LORA:1e99", "--tokens", "2")]
    [InlineData("adapter_config.json: does not exist", "logits", "BASE", "--adapter", "BASE", "--tokens", "2", "-o", "OUT")]
    [InlineData("expected a folder, a .gguf file or a hub id, found no such file", "chat", "BASE", "--adapter", "/nowhere/at/all")]
    [InlineData("whose scale can only be 1", "bench", "BASE", "--adapter", "PROMPT:0.5")]
    [InlineData("expected a .gguf file, the form into which an adapter is converted", "convert", "LORA", "--base", "BASE", "-o", "OUT")]
    [InlineData("is a tuned prompt, for which GGUF has no form", "convert", "PROMPT", "--base", "BASE", "-o", "OUT.gguf")]
    [InlineData("expected an adapter to convert", "convert", "BASE", "--base", "BASE", "-o", "OUT")]
    [InlineData("which has the shape [128, 64] in the model", "run", "BASE", "--adapter", "OTHER", "--tokens", "2")]
    public void WhatCannotBeIsOneSentence(string fragment, params string[] line)
    {
        using var folder = new TemporaryFolder();
        string other = RandomAdapter.Write(folder["other"], Fixtures.PathOf("g3-tiny-b"), new LoraConfig(), seed: 1);
        string[] arguments =
        [
            .. line.Select(word => word.Replace("BASE", Base, StringComparison.Ordinal).Replace("LORA", Lora, StringComparison.Ordinal)
                .Replace("PROMPT", Prompt, StringComparison.Ordinal).Replace("OTHER", other, StringComparison.Ordinal)
                .Replace("OUT", folder["out"], StringComparison.Ordinal)),
        ];

        ToolResult result = ToolProcess.Run(arguments);

        result.ExitCode.ShouldBe(2, result.Error);
        result.Error.ShouldContain(fragment);
        result.Error.TrimEnd('\n').ShouldNotContain("\n");
        File.Exists(folder["out"]).ShouldBeFalse();
    }

    [Fact]
    public void AFolderWithAColonInItsNameIsFound()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["a:2"]);
        Directory.CreateDirectory(folder["b"]);

        AdapterInput.Parse(folder["a:2"]).ShouldBe(new AdapterReference(folder["a:2"]));
        AdapterInput.Parse(folder["a:2"] + ":0.5").ShouldBe(new AdapterReference(folder["a:2"], 0.5f));
        AdapterInput.Parse(folder["b"] + ":-1e-1").ShouldBe(new AdapterReference(folder["b"], -0.1f));
    }
}
