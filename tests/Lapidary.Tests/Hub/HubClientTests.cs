using System.Text;
using Lapidary.Hub;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Hub;

/// <summary>Downloads that succeed, from a hub on this machine.</summary>
public sealed class HubClientTests : IDisposable
{
    private const string Id = "org/model-1.0";
    private static readonly byte[] Weights = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 31 >> 3))];

    private readonly HubWorld world = new();

    public HubClientTests() => world.Hub.Add("models/" + Id,
    [
        ("README.md", "# A model"u8.ToArray()), ("config.json", "{}"u8.ToArray()), ("model.safetensors", Weights), ("pytorch_model.bin", [1]), ("empty.txt", []),
        ("onnx/model.safetensors", [2]), ("LICENSE", "all"u8.ToArray()),
    ]);

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task The_cache_has_the_layout_of_huggingface_hub()
    {
        HubSnapshot snapshot = await world.PullAsync(Id);

        string repository = Path.Combine(world.Cache, "models--org--model-1.0");
        snapshot.Folder.ShouldBe(Path.Combine(repository, "snapshots", FakeHub.Commit));
        snapshot.Commit.ShouldBe(FakeHub.Commit);
        snapshot.Files.Select(file => file.Path).ShouldBe(["README.md", "config.json", "model.safetensors", "empty.txt", "LICENSE"]);
        snapshot.BytesReceived.ShouldBe(Weights.Length + 14);
        File.ReadAllText(Path.Combine(repository, "refs", "main")).ShouldBe(FakeHub.Commit);
        Directory.EnumerateFiles(snapshot.Folder, "*", SearchOption.AllDirectories).Count().ShouldBe(5);

        // The hashes of git and of LFS: printf '{}' | git hash-object --stdin; sha256sum.
        File.ReadAllText(Path.Combine(repository, "blobs", "9e26dfeeb6e641a33dae4961196235bdb965b21b")).ShouldBe("{}");
        string large = FakeHub.HashOf("model.safetensors", Weights);
        File.ReadAllBytes(Path.Combine(repository, "blobs", large)).ShouldBe(Weights);
        if (!OperatingSystem.IsWindows())
        {
            new FileInfo(Path.Combine(snapshot.Folder, "model.safetensors")).LinkTarget.ShouldBe($"../../blobs/{large}");
        }

        Directory.EnumerateFiles(repository, "*.incomplete", SearchOption.AllDirectories).ShouldBeEmpty();
        HubCache cache = world.Settings().Cache;
        cache.FindSnapshot(HubRepository.Parse(HubRepositoryKind.Model, Id)).ShouldBe((snapshot.Folder, FakeHub.Commit));
    }

    [Fact]
    public async Task What_the_cache_has_is_not_fetched_again()
    {
        await world.PullAsync(Id);
        int before = world.Hub.Hub.Requests.Count;

        HubSnapshot again = await world.PullAsync(Id);

        again.BytesReceived.ShouldBe(0);
        (world.Hub.Hub.Requests.Count - before).ShouldBe(1);
        File.WriteAllText(Path.Combine(again.Folder, "config.json"), "broken, longer");
        File.Delete(Path.Combine(again.Folder, "README.md"));
        (await world.PullAsync(Id)).BytesReceived.ShouldBe(2);
        File.ReadAllText(Path.Combine(again.Folder, "config.json")).ShouldBe("{}");
        File.ReadAllText(Path.Combine(again.Folder, "README.md")).ShouldBe("# A model");
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_and_nowhere_else()
    {
        world.Environment["HF_TOKEN"] = HubWorld.Token + "\n";

        await world.PullAsync(Id);

        world.Hub.Hub.Requests.ShouldAllBe(request => request["authorization"] == "Bearer " + HubWorld.Token);
        world.Hub.Storage.Requests.ShouldHaveSingleItem()["authorization"].ShouldBeNull();
        world.Log.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_redirect_within_the_hub_keeps_the_token()
    {
        world.Environment["HF_TOKEN"] = HubWorld.Token;
        world.Hub.Instead = request => request.Target.EndsWith("/config.json", StringComparison.Ordinal) && !request.Target.StartsWith("/moved", StringComparison.Ordinal)
            ? new ServedAnswer(307) { Headers = [("Location", "/moved" + request.Target), ("X-Repo-Commit", FakeHub.Commit)] }
            : request.Target.StartsWith("/moved", StringComparison.Ordinal)
                ? request["authorization"] == "Bearer " + HubWorld.Token ? new ServedAnswer(200) { Body = "{}"u8.ToArray() } : FakeHub.Refusal(401, "", "")
                : null;

        HubSnapshot snapshot = await world.PullAsync(Id, new HubPullOptions { Include = ["config.json"] });

        File.ReadAllText(Path.Combine(snapshot.Folder, "config.json")).ShouldBe("{}");
    }

    [Fact]
    public async Task A_connection_that_breaks_off_goes_on_where_it_ended()
    {
        world.Hub.InsteadOfStorage = request => request["range"] is null ? FakeHub.Content(request, Weights) with { CutAfter = 2_000_000 } : null;

        HubSnapshot snapshot = await world.PullAsync(Id);

        world.Hub.Storage.Requests.Select(request => request["range"]).ShouldBe([null, "bytes=2000000-"]);
        File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")).ShouldBe(Weights);
        snapshot.BytesReceived.ShouldBe(Weights.Length + 14);
        world.Log.ShouldHaveSingleItem().ShouldContain("model-1.0/model.safetensors: the connection broke off");
    }

    [Fact]
    public async Task A_download_goes_on_in_another_process()
    {
        string part = Incomplete(Weights[..1_000_000]);

        HubSnapshot snapshot = await world.PullAsync(Id);

        world.Hub.Storage.Requests.ShouldHaveSingleItem()["range"].ShouldBe("bytes=1000000-");
        File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")).ShouldBe(Weights);
        File.Exists(part).ShouldBeFalse();
    }

    [Fact]
    public async Task A_part_that_is_whole_is_not_fetched()
    {
        Incomplete(Weights);

        (await world.PullAsync(Id)).BytesReceived.ShouldBe(14);

        world.Hub.Storage.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_part_of_something_else_is_thrown_away()
    {
        Incomplete([.. new byte[1_000_000]]);

        HubSnapshot snapshot = await world.PullAsync(Id);

        File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")).ShouldBe(Weights);
        world.Log.ShouldHaveSingleItem().ShouldContain("is fetched anew");
        Incomplete([.. new byte[4_000_000]]);
        File.Delete(Path.Combine(snapshot.Folder, "model.safetensors"));
        File.Delete(Path.Combine(world.Cache, "models--org--model-1.0", "blobs", FakeHub.HashOf("model.safetensors", Weights)));
        await world.PullAsync(Id);
        File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")).ShouldBe(Weights);
    }

    [Fact]
    public async Task A_server_that_knows_no_ranges_begins_again()
    {
        Incomplete(Weights[..1_000_000]);
        world.Hub.InsteadOfStorage = _ => new ServedAnswer(200) { Body = Weights };
        var reports = new Reports();

        HubSnapshot snapshot = await world.PullAsync(Id, progress: reports);

        File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")).ShouldBe(Weights);
        reports.All[^1].ShouldBe(new HubProgress(5, 5, Weights.Length + 14, Weights.Length + 14, Weights.Length + 14));
        reports.All.ShouldAllBe(report => report.BytesDone <= report.ByteCount && report.FilesDone <= 5);
    }

    [Fact]
    public async Task A_range_that_is_refused_begins_again()
    {
        Incomplete(Weights[..1_000_000]);
        world.Hub.InsteadOfStorage = request => request["range"] is null ? null : new ServedAnswer(416);

        HubSnapshot snapshot = await world.PullAsync(Id);

        File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")).ShouldBe(Weights);
    }

    [Fact]
    public async Task What_passes_is_tried_again()
    {
        int asked = 0;
        world.Hub.Instead = request => Interlocked.Increment(ref asked) switch
        {
            1 => new ServedAnswer(503),
            2 => new ServedAnswer(429) { Headers = [("Retry-After", "7")] },
            _ => null,
        };

        await world.PullAsync(Id, new HubPullOptions { Include = ["config.json"] });

        world.Clock.Waits.ShouldBe([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(7)]);
        world.Log.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Two_at_once_fetch_everything_once()
    {
        await Task.WhenAll(world.PullAsync(Id), world.PullAsync(Id), world.PullAsync(Id));

        world.Hub.Storage.Requests.Count.ShouldBe(1);
        HubSnapshot snapshot = await world.PullAsync(Id);
        File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")).ShouldBe(Weights);
    }

    [Fact]
    public async Task What_came_before_an_interruption_is_kept()
    {
        using var stop = new CancellationTokenSource();
        var only = new HubPullOptions { Include = ["model.safetensors"] };
        world.Hub.InsteadOfStorage = request => FakeHub.Content(request, Weights) with { CutAfter = 2_000_000, Sent = () => Thread.Sleep(1000) };
        var reports = new Reports { Reached = report => { if (report.BytesDone >= 2_000_000) { stop.Cancel(); } } };

        await Should.ThrowAsync<OperationCanceledException>(() => world.PullAsync(Id, only, progress: reports, cancellation: stop.Token));

        string part = Directory.EnumerateFiles(world.Cache, "*.incomplete", SearchOption.AllDirectories).ShouldHaveSingleItem();
        new FileInfo(part).Length.ShouldBeGreaterThan(0);
        File.Exists(Path.Combine(world.Cache, "models--org--model-1.0", "refs", "main")).ShouldBeFalse();
        world.Hub.InsteadOfStorage = null;
        (await world.PullAsync(Id, only)).BytesReceived.ShouldBeLessThan(Weights.Length);
    }

    [Fact]
    public async Task Revisions_are_kept_by_their_names()
    {
        world.Hub.Add($"models/{Id}@refs/pr/7", ("config.json", "{}"));

        (await world.PullAsync(Id, new HubPullOptions { Revision = "refs/pr/7" })).Revision.ShouldBe("refs/pr/7");

        world.Hub.Hub.Requests[0].Target.ShouldBe("/api/models/org/model-1.0/revision/refs%2Fpr%2F7?blobs=true");
        File.ReadAllText(Path.Combine(world.Cache, "models--org--model-1.0", "refs", "refs", "pr", "7")).ShouldBe(FakeHub.Commit);
        world.Hub.Add($"models/{Id}@{FakeHub.Commit}", ("config.json", "{}"));
        await world.PullAsync(Id, new HubPullOptions { Revision = FakeHub.Commit });
        File.Exists(Path.Combine(world.Cache, "models--org--model-1.0", "refs", FakeHub.Commit)).ShouldBeFalse();
    }

    [Fact]
    public async Task Names_with_signs_are_escaped()
    {
        world.Hub.Add("models/org/signs", [("a b#c?d%/é+&.txt", "1"u8.ToArray())]);

        HubSnapshot snapshot = await world.PullAsync("org/signs", new HubPullOptions { Include = ["*.txt"] });

        File.ReadAllText(Path.Combine(snapshot.Folder, "a b#c?d%", "é+&.txt")).ShouldBe("1");
    }

    [Fact]
    public async Task Without_a_network_the_cache_answers()
    {
        HubSnapshot online = await world.PullAsync(Id);
        world.Environment["HF_HUB_OFFLINE"] = "1";
        int before = world.Hub.Hub.Requests.Count;

        HubSnapshot snapshot = await world.PullAsync(Id);

        snapshot.Folder.ShouldBe(online.Folder);
        snapshot.Files.ShouldBeEmpty();
        HubException missing = await world.FailAsync("org/other");
        missing.Fault.ShouldBe(HubFault.Offline);
        missing.Message.ShouldBe($"org/other: is not in {Path.Combine(world.Cache, "models--org--other")}, and HF_HUB_OFFLINE forbids to ask the hub");
        world.Hub.Hub.Requests.Count.ShouldBe(before);
    }

    private string Incomplete(byte[] content)
    {
        string path = Path.Combine(world.Cache, "models--org--model-1.0", "blobs", FakeHub.HashOf("model.safetensors", Weights) + ".incomplete");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    private sealed class Reports : IProgress<HubProgress>
    {
        public List<HubProgress> All { get; } = [];

        public Action<HubProgress>? Reached { get; init; }

        public void Report(HubProgress value)
        {
            All.Add(value);
            Reached?.Invoke(value);
        }
    }
}
