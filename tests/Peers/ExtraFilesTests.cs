using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>GGUF files of the caller's choice, in real shapes for instance, against llama.cpp.</summary>
public sealed class ExtraFilesTests(RandomModels models, ITestOutputHelper log)
{
    private const int Length = 24;

    [Fact]
    public void Logits_agree_with_llama_cpp_on_every_extra_file()
    {
        _ = PeerEnvironment.Peer;
        string[] files = PeerEnvironment.ExtraFiles;
        Assert.SkipWhen(files.Length == 0, "LAPIDARY_PEER_FILES is not set: it lists GGUF files to compare, separated like PATH.");
        foreach (string file in files)
        {
            int[] prompt = [2, .. Enumerable.Range(1, Length - 1).Select(i => 1000 + (i * 37 % 500))];
            float[] llama = ExternalProgram.LlamaLogits(file, prompt, models.Scratch);
            int vocabulary = llama.Length / Length;

            Distance exact = Distance.Between(llama, Ours.ExactLogits(file, prompt), vocabulary);
            Distance fast = Distance.Between(Ours.DecodedLogits(file, prompt), llama, vocabulary);
            log.WriteLine($"{file}: exact {exact}, fast decoding {fast}");

            exact.MeanKl.ShouldBeLessThan(1e-3, file);
            exact.WidestLostMargin.ShouldBeLessThan(0.1, file);
            fast.MeanKl.ShouldBeLessThan(1e-3, file);
        }
    }
}
