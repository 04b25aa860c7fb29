using System.Text.Json.Nodes;
using Lapidary.Hub;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Hub;

/// <summary>A hub that refuses, fails or lies.</summary>
public sealed class HubFaultTests : IDisposable
{
    private const string Id = "org/name";
    private static readonly byte[] Weights = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];

    private readonly HubWorld world = new();

    public HubFaultTests() => world.Hub.Add("models/" + Id, [("config.json", "{}"u8.ToArray()), ("model.safetensors", Weights)]);

    public void Dispose() => world.Dispose();

    [Theory]
    [InlineData(401, false, "org/name: is gated; accept its conditions at {0}/org/name and set HF_TOKEN to a token of that account")]
    [InlineData(403, true, "org/name: is gated, and the account of the token has no access; ask for it at {0}/org/name")]
    public async Task Gated(int status, bool hasToken, string sentence)
    {
        // The hub lists a gated model to everyone and refuses its files.
        world.Hub.Instead = request => request.Target.Contains("/resolve/", StringComparison.Ordinal)
            ? FakeHub.Refusal(status, "GatedRepo", "Access to model org/name is restricted.") : null;
        if (hasToken)
        {
            world.Environment["HF_TOKEN"] = HubWorld.Token;
        }

        HubException thrown = await world.FailAsync(Id);

        thrown.Fault.ShouldBe(HubFault.NoAccess);
        thrown.Message.ShouldStartWith(string.Format(sentence, world.Hub.Hub.Address));
    }

    [Theory]
    [InlineData(401, "RepoNotFound", "Repository not found", false, HubFault.NotFound, "org/name: 127.0.0.1 has no such model, or it is private and needs HF_TOKEN; a data set is fetched with --dataset")]
    [InlineData(404, "RepoNotFound", "Repository not found", true, HubFault.NotFound, "org/name: 127.0.0.1 has no such model, or the account of the token may not see it; a data set")]
    [InlineData(401, "", "Invalid credentials in Authorization header", true, HubFault.NoAccess, "org/name: the hub does not accept the token; make another one at http://127.0.0.1")]
    [InlineData(404, "RevisionNotFound", "Invalid rev id: main", false, HubFault.NotFound, "org/name: has no revision \"main\"; http://127.0.0.1")]
    [InlineData(403, "", "Access to this resource is disabled.", false, HubFault.NoAccess, "org/name: the hub refuses access (\"Access to this resource is disabled.\"); http://127.0.0.1")]
    [InlineData(400, "", "", false, HubFault.Unavailable, "org/name: the hub answers with status 400")]
    public async Task Refused(int status, string code, string message, bool hasToken, HubFault fault, string sentence)
    {
        world.Hub.Instead = _ => FakeHub.Refusal(status, code, message);
        if (hasToken)
        {
            world.Environment["HF_TOKEN"] = HubWorld.Token;
        }

        HubException thrown = await world.FailAsync(Id);

        thrown.Fault.ShouldBe(fault);
        thrown.Message.ShouldStartWith(sentence);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_named()
    {
        world.Hub.Instead = request => request.Target.EndsWith("config.json", StringComparison.Ordinal) ? FakeHub.Refusal(404, "EntryNotFound", "Entry not found") : null;

        (await world.FailAsync(Id)).Message.ShouldBe("org/name/config.json: is not in the repository any more");
        File.Exists(Path.Combine(world.Cache, "models--org--name", "refs", "main")).ShouldBeFalse();
    }

    [Fact]
    public async Task Another_content_is_deleted()
    {
        world.Hub.InsteadOfStorage = _ => new ServedAnswer(200) { Body = new byte[Weights.Length] };

        HubException thrown = await world.FailAsync(Id);

        thrown.Fault.ShouldBe(HubFault.WrongContent);
        thrown.Message.ShouldBe("org/name/model.safetensors: its content does not have the hash that the hub lists; it was deleted");
        Directory.EnumerateFiles(Path.Combine(world.Cache, "models--org--name"), FakeHub.HashOf("model.safetensors", Weights) + "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_small_content_is_deleted()
    {
        world.Hub.Instead = request => request.Target.EndsWith("config.json", StringComparison.Ordinal) ? new ServedAnswer(200) { Body = "[]"u8.ToArray() } : null;

        (await world.FailAsync(Id)).Message.ShouldBe("org/name/config.json: its content does not have the hash that the hub lists; it was deleted");
    }

    [Theory]
    [InlineData("Content-Length", "300001", "300001 bytes are announced where the hub lists 300000")]
    [InlineData("Content-Length", "9000000000000", "9000000000000 bytes are announced where the hub lists 300000")]
    [InlineData("Content-Length", "5", "5 bytes are announced where the hub lists 300000")]
    [InlineData("Transfer-Encoding", "identity", "more than the 300000 bytes come that the hub lists")]
    public async Task A_size_that_is_not_the_listed_one_is_refused(string header, string value, string sentence)
    {
        // Without a length the body ends with the connection.
        world.Hub.InsteadOfStorage = _ => new ServedAnswer(200)
        {
            Body = [.. Weights, 1], Headers = header == "Content-Length" ? [(header, value)] : [("Content-Length", "")],
        };

        HubException thrown = await world.FailAsync(Id, new HubPullOptions { Include = ["model.safetensors"] });

        thrown.Fault.ShouldBe(HubFault.WrongContent);
        thrown.Message.ShouldBe("org/name/model.safetensors: " + sentence);
        Directory.EnumerateFiles(world.Cache, "*.incomplete", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("X-Linked-Size", "7", "7 bytes are announced")]
    [InlineData("X-Linked-Etag", "\"0000000000000000000000000000000000000000000000000000000000000000\"", "the hub gives it with another hash than it lists")]
    [InlineData("X-Repo-Commit", "ffffffffffffffffffffffffffffffffffffffff", "the hub gives it from another commit")]
    public async Task What_the_hub_says_of_a_file_must_fit(string header, string value, string sentence)
    {
        world.Hub.Instead = request => request.Target.EndsWith(".safetensors", StringComparison.Ordinal)
            ? new ServedAnswer(302) { Headers = [("Location", world.Hub.Storage.Address + request.Target), (header, value)] } : null;

        (await world.FailAsync(Id)).Message.ShouldStartWith("org/name/model.safetensors: " + sentence);
    }

    [Theory]
    [InlineData("bytes 5-299999/300000")]
    [InlineData("bytes 100000-299999/300001")]
    public async Task Another_part_is_refused(string range)
    {
        world.Hub.InsteadOfStorage = request => request["range"] is null
            ? new ServedAnswer(200) { Body = Weights, CutAfter = 100_000 }
            : new ServedAnswer(206) { Body = Weights[100_000..], Headers = [("Content-Range", range)] };

        (await world.FailAsync(Id)).Fault.ShouldBe(HubFault.WrongContent);
    }

    [Fact]
    public async Task A_connection_that_breaks_off_again_and_again_is_given_up()
    {
        world.Hub.InsteadOfStorage = request => FakeHub.Content(request, Weights) with { CutAfter = 10_000 };

        HubException thrown = await world.FailAsync(Id, new HubPullOptions { Include = ["model.safetensors"] });

        thrown.Fault.ShouldBe(HubFault.Unavailable);
        thrown.Message.ShouldStartWith("org/name/model.safetensors: the connection broke off");
        thrown.Message.ShouldEndWith("; what was fetched is kept");
        world.Hub.Storage.Requests.Count.ShouldBe(5);
        new FileInfo(Directory.EnumerateFiles(world.Cache, "*.incomplete", SearchOption.AllDirectories).ShouldHaveSingleItem()).Length.ShouldBe(50_000);
        world.Clock.Waits.Select(wait => wait.TotalSeconds).ShouldBe([1, 2, 4, 8]);
    }

    [Fact]
    public async Task A_hub_that_fails_is_given_up()
    {
        world.Hub.Instead = _ => new ServedAnswer(502);

        HubException thrown = await world.FailAsync(Id);

        thrown.Fault.ShouldBe(HubFault.Unavailable);
        thrown.Message.ShouldBe("org/name: 127.0.0.1 answers with status 502; what was fetched is kept");
        world.Hub.Hub.Requests.Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_hub_that_asks_for_an_hour_does_not_get_it()
    {
        world.Hub.Instead = _ => new ServedAnswer(429) { Headers = [("Retry-After", "3600")] };

        (await world.FailAsync(Id)).Message.ShouldBe("org/name: 127.0.0.1 answers with status 429, and asks to come back in 3600 seconds; what was fetched is kept");
        world.Hub.Hub.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_hub_that_is_not_there_is_said()
    {
        world.Environment["HF_ENDPOINT"] = "http://127.0.0.1:9";

        HubException thrown = await world.FailAsync(Id);

        thrown.Fault.ShouldBe(HubFault.Unavailable);
        thrown.Message.ShouldStartWith("org/name: 127.0.0.1 cannot be reached: ");
    }

    [Theory]
    [InlineData("/again")]
    [InlineData("ftp://127.0.0.1/file")]
    [InlineData("file:///etc/passwd")]
    public async Task A_redirect_without_end_or_to_elsewhere_is_refused(string location)
    {
        world.Hub.Instead = _ => new ServedAnswer(302) { Headers = [("Location", location)] };

        (await world.FailAsync(Id)).Message.ShouldStartWith("org/name: the hub leads from one address to another");
        world.Hub.Hub.Requests.Count.ShouldBeLessThanOrEqualTo(11);
    }

    [Theory]
    [InlineData("../../evil.json")]
    [InlineData("a/../../evil.json")]
    [InlineData("/etc/evil.json")]
    [InlineData("a//evil.json")]
    [InlineData("..\\evil.json")]
    [InlineData("C:evil.json")]
    [InlineData("C:/evil.json")]
    [InlineData("a/.. /evil.json")]
    [InlineData("a\0.json")]
    [InlineData("")]
    [InlineData(".")]
    public async Task A_path_that_leads_outside_is_refused(string path)
    {
        world.Hub.Add("models/org/evil", [("config.json", "{}"u8.ToArray()), (path, "{}"u8.ToArray())]);

        HubException thrown = await world.FailAsync("org/evil");

        thrown.Fault.ShouldBe(HubFault.WrongContent);
        thrown.Message.ShouldStartWith("org/evil: the hub lists a file \"");
        Directory.Exists(world.Cache).ShouldBeFalse();
    }

    [Fact]
    public async Task Nothing_is_fetched_that_does_not_fit_on_the_disk()
    {
        JsonObject listing = FakeHub.Listing([("model.safetensors", Weights)]);
        listing["siblings"]![0]!["lfs"]!["size"] = 1L << 44;
        world.Hub.Instead = _ => FakeHub.Json(listing);

        HubException thrown = await world.FailAsync(Id);

        thrown.Fault.ShouldBe(HubFault.NoRoom);
        thrown.Message.ShouldStartWith($"{world.Cache}: expected room for 16777217 MiB of org/name, found ");
    }

    [Theory]
    [InlineData("../name")]
    [InlineData("a/b/c")]
    [InlineData("org/")]
    [InlineData("/name")]
    [InlineData("org/..")]
    [InlineData("org/na--me")]
    [InlineData("org/na me")]
    [InlineData("org\\name")]
    [InlineData("org/name.git")]
    [InlineData("")]
    public async Task A_name_that_is_none_is_refused(string id)
    {
        (await world.FailAsync(id)).Message.ShouldEndWith("is no name on the hub, where ORGANISATION/NAME was expected");
        world.Hub.Hub.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("../../x")]
    [InlineData("a\nb")]
    [InlineData("C:x")]
    public async Task A_revision_that_is_none_is_refused(string revision)
    {
        (await world.FailAsync(Id, new HubPullOptions { Revision = revision })).Message.ShouldStartWith("org/name: expected a branch, a tag or a commit");
        world.Hub.Hub.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_named()
    {
        File.WriteAllText(world.Folder["hub"], "a file");

        Exception thrown = await Should.ThrowAsync<Lapidary.Checkpoints.CheckpointException>(() => world.PullAsync(Id));

        thrown.Message.ShouldContain("cannot be written: ");
    }
}
