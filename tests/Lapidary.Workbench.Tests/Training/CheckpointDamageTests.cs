using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

/// <summary>Damaged checkpoints: each is reported in one sentence and passed over.</summary>
public sealed class CheckpointDamageTests
{
    private const string State = "trainer_state.json";
    private static readonly int Cases = Environment.GetEnvironmentVariable("LAPIDARY_LONG_TESTS") == "1" ? 50_000 : 1_000;

    /// <summary>What is done to the folder, and what the sentence must say.</summary>
    public static TheoryData<string, string, string> Damages => new()
    {
        { "model.safetensors", "cut", "model.safetensors: has 249 bytes where 250 were expected" },
        { "model.safetensors", "flip", "model.safetensors: is damaged: its SHA-256 is " },
        { "model.safetensors", "delete", "model.safetensors: does not exist" },
        { "model.safetensors", "empty", "model.safetensors: has 0 bytes where 250 were expected" },
        { "optimizer.safetensors", "flip", "optimizer.safetensors: is damaged" },
        { "config.json", "flip", "config.json: is damaged" },
        { "config.json", "longer", "config.json: has 12 bytes where 11 were expected" },
        { State, "delete", "trainer_state.json: does not exist" },
        { State, "empty", "trainer_state.json: is empty where a JSON object was expected" },
        { State, "cut", "trainer_state.json: is not valid JSON" },
        { State, "garbage", "trainer_state.json: is not valid JSON" },
        { State, "array", "trainer_state.json: holds something else where a JSON object was expected" },
        { State, "{}", "trainer_state.json: has no format" },
        { State, "huge", "trainer_state.json: has 16777217 bytes where at most 16777216 were expected" },
        { State, "\"version\": 1=\"version\": 2", "trainer_state.json: has version 2 where 1 was expected" },
        { State, "lapidary.trainer_state=other", "has the format \"other\" where \"lapidary.trainer_state\" was expected" },
        { State, "\"rank\": 16=\"rank\": 17", "trainer_state.json: is damaged: its SHA-256 is " },
        { State, "\"global_step\": 2=\"global_step\": \"2\"", "trainer_state.json: is damaged" },
        { State, "\"sha256\": \"=\"sha257\": \"", "trainer_state.json: has no sha256" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_checkpoint_is_one_sentence_and_the_one_before_it_is_taken(string file, string damage, string expected)
    {
        using var folder = new TemporaryFolder();
        using var run = new SampleRun();
        var store = new CheckpointStore(folder.Path, 3, false);
        run.Save(store, 1);
        string path = Path.Combine(run.Save(store, 2), file);
        Damage(path, damage);

        var reports = new List<string>();
        using TrainingCheckpoint found = store.FindLatest(reports.Add).ShouldNotBeNull();
        found.State.Step.ShouldBe(1);
        run.ShouldEqual(found);
        reports.Count.ShouldBe(1);
        reports[0].ShouldContain(expected);
        reports[0].ShouldEndWith("this checkpoint is passed over");
        reports[0].ShouldNotContain('\n');
    }

    [Theory]
    [InlineData("global_step", "-1", "has global_step that is not a whole number of at least 0")]
    [InlineData("global_step", "null", "has global_step that is not a whole number")]
    [InlineData("epoch", "1.5", "has epoch that is not a whole number of at least 0")]
    [InlineData("best_metric", "\"x\"", "has best_metric that is not a number")]
    [InlineData("best_metric", "1e999", "has best_metric that is not a number")]
    [InlineData("is_best", "1", "has is_best that is not true or false")]
    [InlineData("seed", "-1", "has seed that is not a whole number")]
    [InlineData("options", "[]", "has options that is not an object")]
    [InlineData("data_hash", "7", "has data_hash that is not text")]
    [InlineData("files", "{}", "has files that is not a list")]
    [InlineData("files", "[1]", "has files that is not a list")]
    [InlineData("files", """[{"name":"../x","bytes":1,"sha256":""}]""", "lists a file under a name that is not the name of a file")]
    [InlineData("files", """[{"name":"x","bytes":1}]""", "has no sha256")]
    public void What_has_the_right_hash_is_checked_too(string member, string value, string expected)
    {
        string valid = Encoding.UTF8.GetString(new TrainingStateFile(SampleRun.State(3), false, [new("a", 1, "00")]).ToBytes());
        JsonObject root = (JsonObject)JsonNode.Parse(valid)!;
        root[member] = JsonNode.Parse(value);
        Should.Throw<CheckpointException>(() => TrainingStateFile.Parse(Hashed(root), "file")).Message.ShouldContain(expected);
    }

    [Fact]
    public void Every_changed_byte_of_the_state_is_noticed()
    {
        byte[] valid = new TrainingStateFile(SampleRun.State(3), true, [new("a", 1, "00")]).ToBytes();
        TrainingStateFile.Parse(valid, "file").State.Step.ShouldBe(3);
        for (int i = 0; i < valid.Length; i++)
        {
            byte[] changed = [.. valid];
            changed[i] ^= 1;
            Should.Throw<CheckpointException>(() => TrainingStateFile.Parse(changed, "file"), $"byte {i}");
        }
    }

    [Fact]
    public void Mutated_states_are_read_or_refused()
    {
        byte[] valid = new TrainingStateFile(SampleRun.State(3), true, [new("a", 1, "00"), new("b", 2, "11")]).ToBytes();
        var random = new SplitMix64(5);
        for (int i = 0; i < Cases; i++)
        {
            List<byte> content = [.. valid];
            for (int changes = 1 + random.NextInt(4); changes > 0 && content.Count > 1; changes--)
            {
                int at = random.NextInt(content.Count);
                switch (random.NextInt(4))
                {
                    case 0:
                        content[at] = (byte)random.NextBits();
                        break;
                    case 1:
                        content.RemoveRange(at, random.NextInt(content.Count - at));
                        break;
                    case 2:
                        content.InsertRange(at, content.GetRange(at, Math.Min(content.Count - at, random.NextInt(60))));
                        break;
                    default:
                        content[at] = (byte)"{}[]\",:0-e\\u"[random.NextInt(12)];
                        break;
                }
            }

            // With the hash mended, so that the fields behind it are reached.
            byte[] mutated = Mend([.. content]);
            try
            {
                TrainingStateFile.Parse(mutated, "file").State.Options.ToJsonString().ShouldNotBeEmpty();
            }
            catch (CheckpointException thrown)
            {
                thrown.Message.ShouldNotContain('\n');
            }
        }
    }

    private static void Damage(string path, string damage)
    {
        byte[] content = File.ReadAllBytes(path);
        switch (damage)
        {
            case "cut":
                File.WriteAllBytes(path, content[..^1]);
                if (path.EndsWith(State, StringComparison.Ordinal))
                {
                    File.WriteAllBytes(path, content[..^20]);
                }

                break;
            case "flip":
                content[^3] ^= 4;
                File.WriteAllBytes(path, content);
                break;
            case "delete":
                File.Delete(path);
                break;
            case "longer":
                File.WriteAllBytes(path, [.. content, 0]);
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            case "garbage":
                File.WriteAllBytes(path, [0xFF, 0xFE, 0, 1, 2]);
                break;
            case "array":
                File.WriteAllText(path, "[1]");
                break;
            case "huge":
                File.WriteAllBytes(path, new byte[(16 << 20) + 1]);
                break;
            default:
                string[] parts = damage.Split('=');
                File.WriteAllText(path, parts.Length == 1 ? damage : Encoding.UTF8.GetString(content).Replace(parts[0], parts[1], StringComparison.Ordinal));
                break;
        }
    }

    private static byte[] Hashed(JsonObject root)
    {
        using var buffer = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(buffer, new System.Text.Json.JsonWriterOptions { Indented = true }))
        {
            root.WriteTo(writer);
        }

        return Mend(buffer.ToArray());
    }

    private static byte[] Mend(byte[] content)
    {
        ReadOnlySpan<byte> mark = "\"sha256\": \""u8;
        int place = content.AsSpan().LastIndexOf(mark) + mark.Length;
        if (place < mark.Length || place + 64 > content.Length)
        {
            return content;
        }

        content.AsSpan(place, 64).Fill((byte)'0');
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)), content.AsSpan(place, 64));
        return content;
    }
}
