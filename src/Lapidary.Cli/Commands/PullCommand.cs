using System.CommandLine;
using System.Diagnostics;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Output;
using Lapidary.Hub;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary pull</c>: fetches a model or a data set from the hub.</summary>
internal sealed class PullCommand : ToolCommand
{
    private readonly Argument<string> id = new("ID") { Description = "The name on the hub: ORGANISATION/NAME." };
    private readonly Option<bool> dataset = new("--dataset") { Description = "It is a data set." };
    private readonly Option<string> revision = Values.Text("--revision", "R", "A branch, a tag or a commit; main where it is left out.");
    private readonly Option<string[]> include = Values.TextList(
        "--include", "GLOB", "Fetch files that are called like this, with * and ?, in place of those that can be read here. May be repeated.");

    private readonly Option<string[]> exclude = Values.TextList("--exclude", "GLOB", "Do not fetch files that are called like this. May be repeated.");

    public PullCommand()
        : base(
            "pull",
            "Fetch a model or a data set from the Hugging Face hub into its cache.",
            "lapidary pull google/gemma-3-270m",
            "lapidary pull someone/gemma-3-270m-GGUF --include \"*Q4_K_M.gguf\"",
            "lapidary pull --dataset allenai/ai2_arc")
    {
        Arguments.Add(id);
        foreach (Option option in new Option[] { dataset, revision, include, exclude })
        {
            Options.Add(option);
        }
    }

    protected override void Execute(Invocation invocation)
    {
        HubRepository repository = HubRepository.Parse(
            invocation.Get(dataset) ? HubRepositoryKind.Dataset : HubRepositoryKind.Model, invocation.Get(id)!);
        HubSettings settings = HubSettings.FromEnvironment();
        var watch = Stopwatch.StartNew();
        using var client = new HubClient(settings);
        using var line = new PullProgressLine(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
        var options = new HubPullOptions
        {
            Revision = invocation.Get(revision), Include = invocation.Get(include, []), Exclude = invocation.Get(exclude, []), Log = line.Log,
        };
        HubSnapshot snapshot;
        try
        {
            snapshot = client.PullAsync(repository, options, line, invocation.Cancellation).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            invocation.Kept = Kept(line.Latest, settings.Cache.FolderOf(repository));
            throw;
        }
        finally
        {
            line.Dispose();
        }

        Present(invocation, snapshot, watch.Elapsed);
    }

    private static string Kept(HubProgress? progress, string folder) => progress is null or { BytesDone: 0 }
        ? "nothing was fetched"
        : $"{progress.FilesDone} of {progress.FileCount} files and what came of others, {Units.Bytes(progress.BytesDone)}, are kept in {folder}; the same command goes on";

    private static void Present(Invocation invocation, HubSnapshot snapshot, TimeSpan elapsed)
    {
        var result = new PullResult(
            snapshot.Repository.Id,
            snapshot.Repository.Kind == HubRepositoryKind.Dataset ? "dataset" : "model",
            snapshot.Revision,
            snapshot.Commit,
            snapshot.Folder,
            [.. snapshot.Files.Select(file => new PulledFile(file.Path, file.Size, file.Hash))],
            snapshot.Files.Sum(file => file.Size),
            snapshot.BytesReceived,
            elapsed.TotalSeconds);
        Invocation.Log(snapshot.Files.Count == 0
            ? $"{result.Id}: HF_HUB_OFFLINE is set; this is what the cache has of {result.Revision}"
            : $"{result.Id}: {Units.Count(result.Files.Count)} files, {Units.Bytes(result.Bytes)}, {Units.Bytes(result.BytesReceived)} of them fetched now");
        invocation.Present(result, ResultJson.Default.PullResult, report => report.Line(result.Folder));
    }
}
