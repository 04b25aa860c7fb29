using System.Diagnostics;
using Lapidary.Checkpoints;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

/// <summary>What is left after a crash at any moment of a save, a full disk, or a kill.</summary>
public sealed class CheckpointCrashTests
{
    private const string FolderVariable = "LAPIDARY_SAVE_UNTIL_KILLED";
    private static readonly int Kills = Environment.GetEnvironmentVariable("LAPIDARY_LONG_TESTS") == "1" ? 30 : 4;

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public void A_crash_before_any_change_of_the_disk_leaves_a_whole_checkpoint(long second)
    {
        using var folder = new TemporaryFolder();
        using var run = new SampleRun();
        int moments = 0;
        var store = new CheckpointStore(folder["run"], keepLast: 1, keepBest: false)
        {
            // The folder as a process that dies here would leave it.
            BeforeChange = _ => Copy(folder["run"], folder[$"crash-{moments++}"]),
        };
        run.Save(store, 1);
        int atFirst = moments;
        run.Save(store, second);
        moments.ShouldBeGreaterThanOrEqualTo(15);

        for (int i = 0; i < moments; i++)
        {
            var after = new CheckpointStore(folder[$"crash-{i}"], 1, false);
            using TrainingCheckpoint? found = after.FindLatest(Assert.Fail);
            (found is null).ShouldBe(i < atFirst, $"moment {i}");
            if (found is not null)
            {
                run.ShouldEqual(found);
                Directory.EnumerateFileSystemEntries(folder[$"crash-{i}"]).ShouldAllBe(path => Path.GetFileName(path)[0] != '.');
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public void A_failure_of_the_disk_leaves_what_was_there(long second)
    {
        using var folder = new TemporaryFolder();
        using var run = new SampleRun();
        int fatal = int.MaxValue;
        int moments = 0;
        var store = new CheckpointStore(folder["run"], keepLast: 1, keepBest: false)
        {
            BeforeChange = what =>
            {
                if (!what.StartsWith("remove", StringComparison.Ordinal) && moments++ == fatal)
                {
                    throw new IOException("No space left on device");
                }
            },
        };
        run.Save(store, 1);
        int perSave = moments;
        for (int i = 0; i < perSave; i++)
        {
            (moments, fatal) = (0, i);
            CheckpointWriteException thrown = Should.Throw<CheckpointWriteException>(() => run.Save(store, second));
            thrown.Message.ShouldEndWith($"checkpoint-{second}: cannot be written: No space left on device");
            using TrainingCheckpoint found = store.FindLatest(Assert.Fail).ShouldNotBeNull();
            found.State.Step.ShouldBe(1);
            run.ShouldEqual(found);
            Directory.EnumerateFileSystemEntries(folder["run"]).Count().ShouldBe(1);
        }
    }

    [Fact]
    public void Killed_while_it_saves_the_last_whole_checkpoint_is_found()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(FolderVariable) is not null, "A child process starts none of its own.");
        Assert.SkipUnless(Environment.ProcessPath is not null, "The path of this program is not known.");
        using var folder = new TemporaryFolder();
        using var run = new SampleRun(rows: 20_000);
        var random = new Lapidary.Numerics.SplitMix64(1);
        long last = 0;
        for (int i = 0; i < Kills; i++)
        {
            using Process child = StartChild(folder.Path);
            using var end = new EndOfProcess(child);
            var watch = Stopwatch.StartNew();
            while (Newest(folder.Path) < last + 2 && !child.HasExited)
            {
                // On a machine with too much to do a process may take a minute to start; this only ends a test that hangs.
                watch.Elapsed.TotalMinutes.ShouldBeLessThan(8, "the child process has saved nothing");
                Thread.Sleep(1);
            }

            Thread.Sleep(random.NextInt(40));
            child.HasExited.ShouldBeFalse();
            child.Kill();
            child.WaitForExit();
            using TrainingCheckpoint found = new CheckpointStore(folder.Path, 2, false).FindLatest(Assert.Fail).ShouldNotBeNull();
            found.State.Step.ShouldBeGreaterThan(last);
            run.ShouldEqual(found);
            last = found.State.Step;
        }
    }

    [Fact]
    public void Saves_until_it_is_killed()
    {
        string? folder = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(folder is null, "This process has no parent that kills it.");
        using var run = new SampleRun(rows: 20_000);
        var store = new CheckpointStore(folder!, 2, false);
        long step = store.List().Select(entry => entry.Step).LastOrDefault();
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromMinutes(2);)
        {
            run.Save(store, ++step);
        }
    }

    // A failed assertion must not leave a process that goes on writing.
    private sealed class EndOfProcess(Process process) : IDisposable
    {
        public void Dispose()
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static long Newest(string folder) => Directory.EnumerateDirectories(folder, "checkpoint-*")
        .Select(path => long.Parse(Path.GetFileName(path)["checkpoint-".Length..], System.Globalization.CultureInfo.InvariantCulture))
        .DefaultIfEmpty()
        .Max();

    private static Process StartChild(string folder)
    {
        bool isHost = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])
        [
            .. isHost ? (string[])["exec", typeof(CheckpointCrashTests).Assembly.Location] : [],
            "--filter-method", $"{typeof(CheckpointCrashTests).FullName}.{nameof(Saves_until_it_is_killed)}", "--no-ansi", "--no-progress",
        ])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[FolderVariable] = folder;
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("TESTINGPLATFORM_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The child process did not start.");
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        if (!Directory.Exists(from))
        {
            return;
        }

        foreach (string folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            try
            {
                File.Copy(file, copy);
            }
            catch (IOException)
            {
                // It is just being written and therefore locked; how much of it a crash leaves is anybody's guess.
                File.WriteAllBytes(copy, [1, 2, 3]);
            }
        }
    }
}
