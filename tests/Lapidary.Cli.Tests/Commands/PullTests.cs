using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary><c>lapidary pull</c> as a process, from a hub on this machine; and the commands that find what it fetched.</summary>
public sealed partial class PullTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FakeHub hub = new();

    public void Dispose()
    {
        hub.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void AModelThatWasFetchedIsFoundByItsName()
    {
        string model = Fixtures.PathOf("g3-tiny-a");
        hub.Add("models/org/tiny", [.. new[] { "config.json", "model.safetensors" }.Select(file => (file, File.ReadAllBytes(Path.Combine(model, file))))]);
        Run("info", "org/tiny").Error.ShouldContain("found none of them; 'lapidary pull org/tiny' fetches it");

        ToolResult pulled = Run("pull", "org/tiny");

        pulled.ExitCode.ShouldBe(0, pulled.Error);
        pulled.Output.ShouldBe(folder[$"hub/models--org--tiny/snapshots/{FakeHub.Commit}"] + "\n");
        pulled.Error.ShouldStartWith("org/tiny: 2 files, ");
        ToolResult info = Run("info", "org/tiny", "--json");
        info.ExitCode.ShouldBe(0, info.Error);
        JsonElement again = Run("pull", "org/tiny", "--json").Json();
        again.GetProperty("commit").GetString().ShouldBe(FakeHub.Commit);
        again.GetProperty("revision").GetString().ShouldBe("main");
        again.GetProperty("bytes_received").GetInt64().ShouldBe(0);
        again.GetProperty("files").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public void ADataSetThatWasFetchedIsTrainedOnByItsName()
    {
        hub.Add("datasets/org/set", ("set.py", "raise"));
        hub.Add("datasets/org/set@refs/convert/parquet", [("one/train/0000.parquet", File.ReadAllBytes(Fixtures.PathOf("parquet/ids.parquet")))]);
        string[] line = ["tune", Fixtures.PathOf("g3-tiny-a"), "--data", "org/set:one@train", "--steps", "1", "--batch-size", "1", "--warmup", "0", "-o", folder["tuned"]];
        ToolResult missing = Run(line);
        missing.ExitCode.ShouldBe(2);
        missing.Error.ShouldContain("org/set:one@train: expected a file, a folder, or a data set in the Hugging Face cache");
        missing.Error.ShouldContain("'lapidary pull --dataset org/set' fetches one");

        ToolResult pulled = Run("pull", "org/set", "--dataset", "--json");

        pulled.ExitCode.ShouldBe(0, pulled.Error);
        pulled.Json().GetProperty("revision").GetString().ShouldBe("refs/convert/parquet");
        ToolResult tuned = Run(line);
        tuned.ExitCode.ShouldBe(0, tuned.Error);
        File.Exists(Path.Combine(folder["tuned"], "model.safetensors")).ShouldBeTrue();
        Run("tune", Fixtures.PathOf("g3-tiny-a"), "--data", "org/set@dev", "-o", folder["other"]).Error
            .ShouldContain("org/set@dev: expected files of the split dev in ");
    }

    [Fact]
    public void AFileOfManyIsTheModelWhereItWasFetchedAlone()
    {
        hub.Add("models/org/quantized", ("a-Q4_0.gguf", "GGUF no model"), ("a-Q8_0.gguf", "GGUF none too"));

        ToolResult refused = Run("pull", "org/quantized");
        refused.ExitCode.ShouldBe(2);
        refused.Error.ShouldBe("error: org/quantized: has GGUF files; name one with --include: a-Q4_0.gguf, a-Q8_0.gguf\n");
        Run("pull", "org/quantized", "--include", "*Q4_0.gguf").ExitCode.ShouldBe(0);
        Run("info", "org/quantized").Error.ShouldContain("a-Q4_0.gguf: ");
        Run("pull", "org/quantized", "--include", "*.gguf").ExitCode.ShouldBe(0);
        Run("info", "org/quantized").Error.ShouldContain("several .gguf files: name one of them by its path");
    }

    [Fact]
    public void RefusalsAreOneSentenceWithoutTheToken()
    {
        hub.Instead = _ => FakeHub.Refusal(401, "GatedRepo", "Access is restricted");

        ToolResult result = RunWith(("HF_TOKEN", "hf_secret"), "pull", "org/gated", "--verbose");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldStartWith("error: org/gated: is gated, and the account of the token has no access; ask for it at ");
        result.Error.ShouldNotContain("hf_secret");
        hub.Hub.Requests[^1]["authorization"].ShouldBe("Bearer hf_secret");
        RunWith(("HF_HUB_OFFLINE", "1"), "pull", "org/gated").ExitCode.ShouldBe(2);
        RunWith(("HF_ENDPOINT", "nowhere"), "pull", "org/gated").Error.ShouldBe("error: HF_ENDPOINT: expected an address such as https://huggingface.co, found another text\n");
        Run("pull", "../etc").ExitCode.ShouldBe(2);
        Run("pull").ExitCode.ShouldBe(2);
    }

    [Fact]
    public void ContentThatIsNotTheListedOneIsAFailure()
    {
        hub.Add("models/org/tiny", ("config.json", "{}"), ("model.safetensors", "1234"));
        hub.InsteadOfStorage = _ => new ServedAnswer(200) { Body = "5678"u8.ToArray() };

        ToolResult result = Run("pull", "org/tiny");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldBe("error: org/tiny/model.safetensors: its content does not have the hash that the hub lists; it was deleted\n");
        result.Output.ShouldBeEmpty();
    }

    [Fact]
    public void InterruptedItSaysWhatIsKept()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        byte[] weights = new byte[1 << 20];
        using var half = new ManualResetEventSlim();
        using var end = new ManualResetEventSlim();
        hub.Add("models/org/tiny", [("config.json", "{}"u8.ToArray()), ("model.safetensors", weights)]);
        hub.InsteadOfStorage = request => FakeHub.Content(request, weights) with
        {
            CutAfter = 1 << 19,
            Sent = () =>
            {
                half.Set();
                end.Wait(TimeSpan.FromMinutes(1));
            },
        };
        using Process process = ToolProcess.Start(["pull", "org/tiny"], Variables());
        half.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken).ShouldBeTrue();
        string part = folder[$"hub/models--org--tiny/blobs/{FakeHub.HashOf("model.safetensors", weights)}.incomplete"];
        SpinWait.SpinUntil(() => File.Exists(part) && new FileInfo(part).Length == 1 << 19, TimeSpan.FromMinutes(1)).ShouldBeTrue();

        Kill(process.Id, 2).ShouldBe(0);

        process.WaitForExit(TimeSpan.FromMinutes(1)).ShouldBeTrue();
        end.Set();
        process.ExitCode.ShouldBe(130);
        process.StandardError.ReadToEnd().ShouldContain("512.0 KiB, are kept in");
        hub.InsteadOfStorage = null;
        Run("pull", "org/tiny", "--json").Json().GetProperty("bytes_received").GetInt64().ShouldBeLessThanOrEqualTo((1 << 19) + 2);
    }

    private ToolResult Run(params string[] line) => ToolProcess.RunWith(Variables(), line);

    private ToolResult RunWith((string Name, string Value) variable, params string[] line)
    {
        Dictionary<string, string> variables = Variables();
        variables[variable.Name] = variable.Value;
        return ToolProcess.RunWith(variables, line);
    }

    private Dictionary<string, string> Variables() => new()
    {
        ["HF_ENDPOINT"] = hub.Hub.Address, ["HF_HOME"] = folder.Path, ["HF_HUB_CACHE"] = folder["hub"], ["HF_TOKEN"] = string.Empty,
        ["HF_HUB_OFFLINE"] = string.Empty, ["TRANSFORMERS_OFFLINE"] = string.Empty, ["NO_PROXY"] = "127.0.0.1", ["no_proxy"] = "127.0.0.1",
    };

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
