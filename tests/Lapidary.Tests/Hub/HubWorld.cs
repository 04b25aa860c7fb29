using Lapidary.Hub;
using Lapidary.Tests.Common;
using Xunit;

namespace Lapidary.Tests.Hub;

/// <summary>A hub, an empty cache, and an environment that knows only them.</summary>
internal sealed class HubWorld : IDisposable
{
    public const string Token = "hf_secretTokenOfTheTest";

    public FakeHub Hub { get; } = new();

    public TemporaryFolder Folder { get; } = new();

    public HurriedClock Clock { get; } = new();

    public List<string> Log { get; } = [];

    public Dictionary<string, string> Environment { get; } = [];

    public string Cache => Folder["hub"];

    public HubSettings Settings() => HubSettings.From(new HubEnvironment(
        name => Environment.GetValueOrDefault(name, name switch { "HF_ENDPOINT" => Hub.Hub.Address, "HF_HOME" => Folder.Path, _ => string.Empty }),
        Folder["home"]));

    public async Task<HubSnapshot> PullAsync(
        string id, HubPullOptions? options = null, bool isDataset = false, IProgress<HubProgress>? progress = null, CancellationToken? cancellation = null)
    {
        using var client = new HubClient(Settings(), Clock);
        return await client.PullAsync(
            HubRepository.Parse(isDataset ? HubRepositoryKind.Dataset : HubRepositoryKind.Model, id),
            (options ?? new HubPullOptions()) with { Log = Log.Add },
            progress,
            cancellation ?? TestContext.Current.CancellationToken);
    }

    /// <summary>The error of a pull that fails; no error ever names the token.</summary>
    public async Task<HubException> FailAsync(string id, HubPullOptions? options = null, bool isDataset = false)
    {
        HubException thrown = await Assert.ThrowsAsync<HubException>(() => PullAsync(id, options, isDataset));
        Assert.DoesNotContain(Token, thrown.ToString(), StringComparison.Ordinal);
        return thrown;
    }

    public void Dispose()
    {
        Hub.Dispose();
        Folder.Dispose();
    }
}
