using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Checkpoints;

public class BrokenFilesTests
{
    private static readonly Dictionary<string, BrokenFile> ByName = BrokenFiles.All.ToDictionary(file => file.Name);

    public static TheoryData<string> Names => [.. ByName.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_file_is_refused_with_one_sentence(string name)
    {
        BrokenFile file = ByName[name];
        using var folder = new TemporaryFolder();
        string path = file.Make(folder.Path);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var thrown = Should.Throw<CheckpointException>(() =>
        {
            using Checkpoint checkpoint = Checkpoint.Open(path);
            Gemma3Config.From(checkpoint).Validate(checkpoint);
        });
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        thrown.Message.ShouldContain(file.Fragment);
        thrown.Message.ShouldStartWith(folder.Path);
        thrown.Message.ShouldNotContain("\n");
        allocated.ShouldBeLessThan(4_000_000);
    }

    [Fact]
    public void The_model_that_the_broken_files_are_made_from_is_sound()
    {
        using var folder = new TemporaryFolder();
        using Checkpoint huggingFace = Checkpoint.Open(TinyModel.WriteFolder(folder["hf"]));
        File.WriteAllBytes(folder["model.gguf"], TinyModel.Gguf().Build());
        using Checkpoint gguf = Checkpoint.Open(folder["model.gguf"]);
        BrokenFiles.WriteShards(folder["shards"], null);
        using Checkpoint shards = Checkpoint.Open(folder["shards"]);

        foreach (Checkpoint checkpoint in (Checkpoint[])[huggingFace, gguf, shards])
        {
            Gemma3Config config = Gemma3Config.From(checkpoint);
            config.Validate(checkpoint);
            config.ShouldBe(Gemma3Config.From(huggingFace));
            checkpoint.Tensors.Count.ShouldBe(TinyModel.Tensors().Count);
        }

        shards.TensorBytes.ShouldBe(huggingFace.TensorBytes);
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_refused()
    {
        using var folder = new TemporaryFolder();
        TinyModel.WriteFolder(folder.Path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder["model.safetensors"], UnixFileMode.None);
        }

        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "The user may read everything.");

        Should.Throw<CheckpointException>(() => Checkpoint.Open(folder.Path)).Message.ShouldContain("permission denied");
    }
}
