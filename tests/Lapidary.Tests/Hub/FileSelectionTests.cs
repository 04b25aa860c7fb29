using Lapidary.Hub;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Hub;

/// <summary>Which files of a repository are fetched.</summary>
public sealed class FileSelectionTests : IDisposable
{
    private readonly HubWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task Patterns_choose_files_in_all_folders()
    {
        world.Hub.Add("models/org/name", ("a.bin", "1"), ("b/c.bin", "2"), ("b/d.json", "3"), ("e.json", "4"));

        (await Chosen("org/name", new HubPullOptions { Include = ["*.bin"] })).ShouldBe(["a.bin", "b/c.bin"]);
        (await Chosen("org/name", new HubPullOptions { Include = ["b/", "?.json"] })).ShouldBe(["b/c.bin", "b/d.json", "e.json"]);
        (await Chosen("org/name", new HubPullOptions { Include = ["*"], Exclude = ["b/*", "a.*"] })).ShouldBe(["e.json"]);
        (await world.FailAsync("org/name", new HubPullOptions { Include = ["*.gguf"] })).Message
            .ShouldBe("org/name: no file is called like that; there are a.bin, b/c.bin, b/d.json, e.json");
    }

    [Fact]
    public async Task Of_many_quantizations_one_has_to_be_named()
    {
        world.Hub.Add("models/org/name-GGUF", ("README.md", "1"), ("m-Q4_0.gguf", "2"), ("m-Q8_0.gguf", "3"));

        HubException thrown = await world.FailAsync("org/name-GGUF");

        thrown.Fault.ShouldBe(HubFault.WrongRequest);
        thrown.Message.ShouldBe("org/name-GGUF: has GGUF files; name one with --include: m-Q4_0.gguf, m-Q8_0.gguf");
        (await Chosen("org/name-GGUF", new HubPullOptions { Include = ["*Q8_0.gguf"] })).ShouldBe(["m-Q8_0.gguf"]);
    }

    [Fact]
    public async Task Weights_that_cannot_be_read_are_said()
    {
        world.Hub.Add("models/org/old", ("config.json", "{}"), ("pytorch_model.bin", "1"));

        (await world.FailAsync("org/old")).Message.ShouldBe("org/old: has its weights in pytorch_model.bin where .safetensors or .gguf was expected");
    }

    [Fact]
    public async Task A_data_set_comes_with_its_card_and_its_data()
    {
        world.Hub.Add("datasets/org/set", ("README.md", "---"), ("data/train.parquet", "1"), ("test.jsonl.gz", "2"), ("image.png", "3"), ("load.py", "4"));

        (await Chosen("org/set", null, isDataset: true)).ShouldBe(["README.md", "data/train.parquet", "test.jsonl.gz"]);
    }

    [Theory]
    [InlineData("set.py")]
    [InlineData("data.zip")]
    public async Task The_conversion_is_taken_where_the_data_cannot_be_read(string file)
    {
        world.Hub.Add("datasets/org/set", ("README.md", "---"), ("dataset_infos.json", "{}"), (file, "1"));
        (await world.FailAsync("org/set", isDataset: true)).Message.ShouldStartWith("org/set: has no data in JSON, CSV or Parquet, and the hub has no conversion");

        world.Hub.Add("datasets/org/set@refs/convert/parquet", ("one/test/0000.parquet", "2"), ("two/test/0000.parquet", "3"));

        HubSnapshot snapshot = await world.PullAsync("org/set", isDataset: true);
        snapshot.Revision.ShouldBe("refs/convert/parquet");
        snapshot.Files.Count.ShouldBe(2);
        File.ReadAllText(Path.Combine(world.Cache, "datasets--org--set", "refs", "refs", "convert", "parquet")).ShouldBe(FakeHub.Commit);
        (await Chosen("org/set", new HubPullOptions { Include = ["two/*"] }, isDataset: true)).ShouldBe(["two/test/0000.parquet"]);
        (await Chosen("org/set", new HubPullOptions { Revision = "main", Include = ["*"] }, isDataset: true)).ShouldContain(file);
        world.Environment["HF_HUB_OFFLINE"] = "true";
        Directory.Delete(Path.Combine(world.Cache, "datasets--org--set", "refs", "refs"), recursive: true);
        (await world.PullAsync("org/set", isDataset: true)).Revision.ShouldBe("main");
    }

    private async Task<IEnumerable<string>> Chosen(string id, HubPullOptions? options, bool isDataset = false) =>
        (await world.PullAsync(id, options, isDataset)).Files.Select(file => file.Path);
}
