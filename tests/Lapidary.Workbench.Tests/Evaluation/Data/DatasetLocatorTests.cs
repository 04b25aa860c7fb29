using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Evaluation.Data;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Data;

public sealed class DatasetLocatorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("org/set/test.jsonl", "org/set", null, "test")]
    [InlineData("set/test.jsonl", "org/set", null, "test")]
    [InlineData("set/data/test.csv", "org/set", null, "test")]
    [InlineData("set/default/test.csv", "org/set", null, "test")]
    [InlineData("set/data/test-00000-of-00001.jsonl", "org/set", null, "test")]
    [InlineData("set/data/test-00000-of-00001-0123456789abcdef.jsonl", "org/set", null, "test")]
    [InlineData("set/test/0000.jsonl", "org/set", "test", "test", false)]
    [InlineData("set/one/test/0000.jsonl", "org/set", "one", "test")]
    [InlineData("set/one/test.json.gz", "org/set", "one", "test")]
    [InlineData("set/data/one/test.json", "org/set", "one", "test")]
    [InlineData("set/one_test.json", "org/set", "one", "test")]
    [InlineData("set/dev.jsonl", "org/set", null, "validation")]
    [InlineData("set/validation.jsonl", "org/set", null, "dev", false)]
    [InlineData("set/test.jsonl", "org/set", "main", "test")]
    [InlineData("set/test.jsonl", "org/set", "set_xl", "test", false)]
    [InlineData("set/test.jsonl", "org/set", "set", "test")]
    [InlineData("set/test.jsonl", "org/set", "algebra", "test", false)]
    [InlineData("set_test.jsonl", "org/set", null, "test")]
    [InlineData("set_test.jsonl", "org/set", "algebra", "test", false)]
    [InlineData("set_algebra_test.jsonl", "org/set", "algebra", "test")]
    [InlineData("set/test2.jsonl", "org/set", null, "test", false)]
    [InlineData("set/test.md", "org/set", null, "test", false)]
    public void Files_are_found_by_their_names(string file, string dataset, string? configuration, string split, bool isFound = true)
    {
        Write(file, """{"a":1}""");
        var locator = new DatasetLocator(folder.Path, null);

        locator.Exists(dataset, configuration, split).ShouldBe(isFound);
        if (isFound)
        {
            locator.Find(dataset, configuration, split).Files.ShouldBe([Path.GetFullPath(folder[file])]);
        }
    }

    [Fact]
    public void Parts_are_read_in_order_and_none_may_be_missing()
    {
        Write("set/data/train-00001-of-00002.jsonl", """{"a":2}""");
        var locator = new DatasetLocator(folder.Path, null);
        Should.Throw<CheckpointException>(() => locator.Find("org/set", null, "train")).Message.ShouldContain("has 1 of the 2 parts that train-00001-of-00002.jsonl is one of");

        Write("set/data/train-00000-of-00002.jsonl", """{"a":1}""");
        Read(locator.Find("org/set", null, "train")).ShouldBe(["""{"a":1}""", """{"a":2}"""]);
    }

    [Fact]
    public void The_cache_of_the_hub_is_read_by_its_references()
    {
        Write("datasets--org--set/snapshots/abc123/one/test.jsonl", """{"a":1}""");
        Write("datasets--org--set/snapshots/fff/one/test.jsonl", """{"a":2}""");
        Write("datasets--org--set/snapshots/def456/two/validation/0000.jsonl", """{"a":3}""");
        var locator = new DatasetLocator(null, folder.Path);
        locator.Exists("org/set", "one", "test").ShouldBeFalse();

        Write("datasets--org--set/refs/main", "abc123\n");
        Write("datasets--org--set/refs/refs/convert/parquet", "def456");

        DatasetSource source = locator.Find("org/set", "one", "test");
        source.Revision.ShouldBe("abc123");
        Read(source).ShouldBe(["""{"a":1}"""]);
        Read(locator.Find("org/set", "two", "validation")).ShouldBe(["""{"a":3}"""]);

        Write("datasets--org--set/refs/main", "../../elsewhere");
        locator.Exists("org/set", "one", "test").ShouldBeFalse();
    }

    [Fact]
    public void The_card_of_a_data_set_tells_its_files()
    {
        Write("set/odd/b_2.jsonl", """{"a":2}""");
        Write("set/odd/b_1.jsonl", """{"a":1}""");
        Write("set/other.csv", "a\n3\n");
        Write("set/README.md", """
            ---
            license: mit
            configs:
            - config_name: first
              default: true
              data_files:
              - split: test
                path: odd/b_*
              - split: secret
                path: ../../*
            - config_name: second
              data_files: other.csv
            ---
            # Title
            """);
        var locator = new DatasetLocator(folder.Path, null);

        Read(locator.Find("org/set", null, "test")).ShouldBe(["""{"a":1}""", """{"a":2}"""]);
        Read(locator.Find("org/set", "first", "test")).ShouldBe(["""{"a":1}""", """{"a":2}"""]);
        Read(locator.Find("org/set", "second", "train")).ShouldBe(["""{"a":"3"}"""]);
        locator.Exists("org/set", null, "secret").ShouldBeFalse();
        locator.Exists("org/set", "second", "test").ShouldBeFalse();
    }

    [Theory]
    [InlineData("no block")]
    [InlineData("---\n")]
    [InlineData("---\nconfigs: 3\n---")]
    [InlineData("---\nconfigs: [[{]\n---")]
    [InlineData("---\nconfigs: [1, {config_name: [x], data_files: y}, {config_name: default, data_files: {split: [], path: {}}}]\n---")]
    [InlineData("---\na: &a [*a, *a]\nconfigs: *a\n---")]
    public void A_card_that_says_nothing_is_passed_over(string card)
    {
        Write("set/README.md", card);
        Write("set/test.jsonl", """{"a":1}""");
        Read(new DatasetLocator(folder.Path, null).Find("set", null, "test")).ShouldBe(["""{"a":1}"""]);
    }

    [Fact]
    public void A_card_that_is_nested_without_end_is_passed_over()
    {
        Write("set/README.md", "---\nconfigs: " + new string('[', 1_000_000) + "\n---\n");
        Write("set/test.jsonl", """{"a":1}""");
        new DatasetLocator(folder.Path, null).Exists("set", null, "test").ShouldBeTrue();
    }

    [Fact]
    public void An_index_selects_and_renames()
    {
        Write("all.jsonl", """
            {"id":1,"subject":"law","q":"a","ok":true}
            {"id":2,"subject":"art","q":"b","ok":true}
            {"id":3,"subject":"law","q":"c","ok":false}
            """);
        Write("sub/art.json", """[{"x":1}]""");
        Write("datasets.json", """
            {
              // One file for all subjects.
              "org/set": {
                "*": { "test": { "files": "all.jsonl", "where": { "subject": "{config}" }, "rename": { "q": "question" } } },
                "art": { "dev": ["sub/{config}.json", "sub/{config}.json"] }
              },
              "set2": {
                "": { "test": { "files": "all.jsonl", "where": { "id": { "from": 2 }, "ok": false } }, "none": { "files": "all.jsonl", "where": { "id": 7 } } },
                "x": { "test": "sub/art.json" }
              }
            }
            """);
        var locator = new DatasetLocator(folder.Path, null);

        Read(locator.Find("org/set", "law", "test")).ShouldBe(["""{"id":1,"subject":"law","question":"a","ok":true}""", """{"id":3,"subject":"law","question":"c","ok":false}"""]);
        Read(locator.Find("org/set", "art", "dev")).ShouldBe(["""{"x":1}""", """{"x":1}"""]);
        locator.Exists("org/set", "art", "test").ShouldBeFalse();
        Read(locator.Find("set2", null, "test")).ShouldBe(["""{"id":3,"subject":"law","q":"c","ok":false}"""]);
        Read(locator.Find("set2", "x", "test")).ShouldBe(["""{"x":1}"""]);
        locator.Exists("set2", "y", "test").ShouldBeFalse();
        Should.Throw<CheckpointException>(() => Read(locator.Find("set2", "", "none"))).Message.ShouldContain("has no document of dataset set2, split none by the conditions in datasets.json");
    }

    [Fact]
    public void Documents_belong_to_the_caller()
    {
        Write("all.jsonl", """{"subject":"law","c":[1]}""");
        Write("datasets.json", """{"set":{"*":{"test":{"files":"all.jsonl","where":{"subject":"law"}}}}}""");
        var locator = new DatasetLocator(folder.Path, null);

        JsonObject first = locator.Find("set", "law", "test").Read(TestContext.Current.CancellationToken)[0];
        first["c"]!.AsArray().Add(2);
        first.Remove("subject");

        Read(locator.Find("set", "law", "test")).ShouldBe(["""{"subject":"law","c":[1]}"""]);
    }

    [Theory]
    [InlineData("[]", "holds no object where data sets by their names were expected")]
    [InlineData("{", "is not valid JSON without duplicate names (line 1, byte 2)")]
    [InlineData("""{"set":{},"set":{}}""", "is not valid JSON without duplicate names")]
    [InlineData("""{"set":3}""", "has something else where an object of data sets, configurations and splits was expected")]
    [InlineData("""{"set":{"*":"x"}}""", "has something else where an object of data sets")]
    [InlineData("""{"set":{"*":{"test":3}}}""", "something else than a text as its file")]
    [InlineData("""{"set":{"*":{"test":[]}}}""", "0 files where 1 to 4096 were expected")]
    [InlineData("""{"set":{"*":{"test":{}}}}""", "no files")]
    [InlineData("""{"set":{"*":{"test":{"files":"a","filter":1}}}}""", "the unknown key \"filter\" where files, where and rename were expected")]
    [InlineData("""{"set":{"*":{"test":"/etc/passwd"}}}""", "\"/etc/passwd\" where a file below the folder of the index was expected")]
    [InlineData("""{"set":{"*":{"test":"a/../../b.jsonl"}}}""", "where a file below the folder of the index was expected")]
    [InlineData("""{"set":{"*":{"test":"..\\b.jsonl"}}}""", "where a file below the folder of the index was expected")]
    [InlineData("""{"set":{"*":{"test":"absent.jsonl"}}}""", "absent.jsonl: does not exist, but datasets.json names it for dataset set (one), split test")]
    [InlineData("""{"set":{"*":{"test":{"files":"a.jsonl","where":[]}}}}""", "something else than an object as where")]
    [InlineData("""{"set":{"*":{"test":{"files":"a.jsonl","where":{"x":[1]}}}}}""", "a condition on \"x\" that is neither a value nor from and to")]
    [InlineData("""{"set":{"*":{"test":{"files":"a.jsonl","where":{"x":{"from":"1"}}}}}}""", "something else than a number as from")]
    [InlineData("""{"set":{"*":{"test":{"files":"a.jsonl","rename":{"x":1}}}}}""", "something else than a text as the new name of \"x\"")]
    [InlineData("""{"set":{"*":{"test":{"files":"a.jsonl","rename":{"x":"y"}}}}}""", "has no column \"x\" in its document 1, which datasets.json names")]
    [InlineData("""{"set":{"*":{"test":{"files":"a.jsonl","rename":{"a":"b"}}}}}""", "has two columns \"b\" after the renaming in datasets.json")]
    [InlineData("""{"set":{"*":{"test":{"files":"a.jsonl","where":{"\ud800":1}}}}}""", "holds text that is not valid Unicode")]
    public void An_index_that_cannot_be_used_is_an_error(string index, string fragment)
    {
        Write("a.jsonl", """{"a":1,"b":2}""");
        Write("datasets.json", index);
        string message = Should.Throw<CheckpointException>(() => Read(new DatasetLocator(folder.Path, null).Find("set", "one", "test"))).Message;
        message.ShouldContain(fragment);
        message.ShouldStartWith(folder.Path);
        message.ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("../set", null, "test", "is no name of a data set where ORGANISATION/NAME was expected")]
    [InlineData("a/b/c", null, "test", "is no name of a data set")]
    [InlineData("/etc", null, "test", "is no name of a data set")]
    [InlineData("", null, "test", "is no name of a data set")]
    [InlineData("a\\b", null, "test", "is no name of a data set")]
    [InlineData("set", "../x", "test", "has no configuration \"../x\"")]
    [InlineData("set", "..", "test", "has no configuration \"..\"")]
    [InlineData("set", null, "test/../x", "has no split \"test/../x\"")]
    [InlineData("set", null, "test[:10]", "has no split \"test[:10]\"")]
    public void Names_that_lead_elsewhere_are_refused(string dataset, string? configuration, string split, string fragment)
    {
        var locator = new DatasetLocator(folder.Path, folder.Path);
        Should.Throw<CheckpointException>(() => locator.Find(dataset, configuration, split)).Message.ShouldContain(fragment);
        Should.Throw<CheckpointException>(() => locator.Exists(dataset, configuration, split));
    }

    [Fact]
    public void What_is_not_there_is_said_with_where_it_was_looked_for_and_how_to_get_it()
    {
        string message = Should.Throw<DatasetNotFoundException>(() => new DatasetLocator(folder["data"], folder["hub"]).Find("cais/mmlu", "anatomy", "test")).Message;
        message.ShouldBe(
            $"dataset cais/mmlu (anatomy), split test: is not in {folder["data/cais/mmlu"]}, {folder["data/mmlu"]}, {folder["data"]} or "
            + $"{folder["hub/datasets--cais--mmlu"]}. Get it with \"lapidary pull --dataset cais/mmlu\", or put its files under the folder of --data-dir.");

        Should.Throw<DatasetNotFoundException>(() => new DatasetLocator(null, null).Find("set", null, "test")).Message
            .ShouldContain("neither a folder of data nor the Hugging Face cache was given to look in. Get it with");
    }

    private void Write(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        File.WriteAllText(folder[name], content);
    }

    private static IEnumerable<string> Read(DatasetSource source) => source.Read(TestContext.Current.CancellationToken).Select(document => document.ToJsonString());
}
