using System.Diagnostics;
using Lapidary.Checkpoints;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text;

public class BrokenTokenizersTests
{
    private static readonly Dictionary<string, BrokenFile> ByName = BrokenTokenizers.All.ToDictionary(file => file.Name);

    public static TheoryData<string> Names => [.. ByName.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_tokenizer_is_refused_with_one_sentence(string name)
    {
        BrokenFile file = ByName[name];
        using var folder = new TemporaryFolder();
        string path = file.Make(folder.Path);
        long before = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan busy = Process.GetCurrentProcess().TotalProcessorTime;

        var thrown = Should.Throw<CheckpointException>(() => Tokenizer.Open(path));

        thrown.Message.ShouldContain(file.Fragment);
        thrown.Message.ShouldStartWith(folder.Path);
        thrown.Message.ShouldNotContain("\n");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(20_000_000);

        // All tests of the process together: a bound, not a measurement.
        (Process.GetCurrentProcess().TotalProcessorTime - busy).ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void The_tokenizer_that_the_broken_ones_are_made_from_is_sound()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer.json"], TinyTokenizer.Json().ToJsonString());
        File.WriteAllBytes(folder["tokenizer.model"], TinyTokenizer.SentencePiece());
        File.WriteAllBytes(folder["llama.gguf"], TinyTokenizer.Gguf().Build());
        File.WriteAllBytes(folder["gemma4.gguf"], TinyTokenizer.Gguf("gemma4").Build());

        foreach (string name in (string[])["tokenizer.json", "tokenizer.model", "llama.gguf", "gemma4.gguf"])
        {
            Tokenizer tokenizer = Tokenizer.Open(folder[name]);
            int[] ids = tokenizer.Encode("abc abc\n\na<turn>");
            ids.ShouldBe([2, 13, 15, 5, 7, 4], name);
            tokenizer.Decode(ids, skipSpecial: true).ShouldBe("abc abc\n\na", name);
        }
    }
}
