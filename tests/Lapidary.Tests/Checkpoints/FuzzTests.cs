using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Inference.Sampling;
using Lapidary.Networks;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Checkpoints;

/// <summary>
/// Mutated files: whatever happens to a valid one, the readers accept it or throw a <see cref="CheckpointException"/>, soon and without
/// allocating more than the file could justify. LAPIDARY_LONG_TESTS=1 runs 200,000 cases instead of a few thousand.
/// </summary>
public class FuzzTests
{
    private const long AllocationLimit = 8_000_000;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);
    private static readonly int Cases = Environment.GetEnvironmentVariable("LAPIDARY_LONG_TESTS") == "1" ? 50_000 : 1_500;

    private static readonly ulong[] Interesting =
        [0, 1, 0x7F, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 1UL << 32, 1UL << 40, long.MaxValue, 1UL << 63, ulong.MaxValue - 7, ulong.MaxValue];

    [Fact]
    public void Safetensors() => Fuzz(
        [
            TinyModel.Safetensors(TinyModel.Entries()),
            TinyModel.Safetensors(
                """{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[],"data_offsets":[12,16]}}  """,
                new byte[16]),
        ],
        bytes => SafetensorsHeader.Parse(bytes, bytes.Length, "file"));

    [Fact]
    public void Gguf()
    {
        GgufBuilder two = TinyModel.Gguf().Set("general.alignment", 32u).Set("general.sampling.top_p", 0.9f).Set("general.sampling.top_k", 40u).Raw("nested", 9, GgufBuilder.Array(9, 1, GgufBuilder.Array(8, 1, GgufBuilder.Text("x"))));
        two.Version = 2;
        Fuzz(
            [TinyModel.Gguf().Build(), two.Build()],
            bytes =>
            {
                GgufHeader header = GgufHeader.Parse(bytes, bytes.Length, "file");
                foreach (GgufValue value in header.Metadata.Values)
                {
                    _ = value.ToString();
                    Walk(value);
                }

                Dictionary<string, TensorInfo> tensors = [];
                foreach (TensorInfo tensor in header.Tensors.Values)
                {
                    (tensor.Offset + tensor.ByteLength).ShouldBeLessThanOrEqualTo(bytes.Length);
                    tensors[TensorNames.FromGguf(tensor.StoredName)] = tensor;
                }

                Gemma3Config.FromGguf(header.Metadata, tensors, "file");
                GenerationDefaults.FromGguf(header.Metadata, "file");
            });
    }

    [Fact]
    public void Config()
    {
        JsonObject multimodal = new()
        {
            ["model_type"] = "gemma3",
            ["eos_token_id"] = new JsonArray(1, 106),
            ["text_config"] = new JsonObject { ["hidden_size"] = 2560, ["rope_scaling"] = new JsonObject { ["rope_type"] = "linear", ["factor"] = 8.0 } },
        };
        JsonObject newest = Gemma3Presets.Get("tiny").ToHuggingFace(Lapidary.Numerics.ElementType.BF16);
        newest["rope_parameters"] = JsonNode.Parse("""{"full_attention":{"rope_type":"linear","factor":8,"rope_theta":1e6},"sliding_attention":{"rope_type":"default"}}""");
        Fuzz(
            [.. ((JsonObject[])[TinyModel.Config(), multimodal, newest]).Select(json => Encoding.UTF8.GetBytes(json.ToJsonString()))],
            bytes =>
            {
                JsonElement root = JsonFile.ParseObject(bytes, "file");
                Gemma3Config config = Gemma3Config.FromHuggingFace(root, "file", root, "file");
                config.ParameterCount.ShouldBePositive();
            });
    }

    [Fact]
    public void GenerationConfig() => Fuzz(
        [
            """{"do_sample":true,"temperature":0.7,"top_k":64,"top_p":0.95,"min_p":0.05,"repetition_penalty":1.1,"max_new_tokens":99}"""u8.ToArray(),
            """{"bos_token_id":2,"eos_token_id":[1,106],"do_sample":false,"cache_implementation":"hybrid","top_k":null}"""u8.ToArray(),
        ],
        bytes => GenerationDefaults.FromHuggingFace(new ConfigFields(JsonFile.ParseObject(bytes, "file"), "file", string.Empty)));

    [Fact]
    public void Index() => Fuzz(
        ["""{"metadata":{"total_size":12},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"sub/model-00002-of-00002.safetensors"}}"""u8.ToArray()],
        bytes =>
        {
            foreach (string file in ShardIndex.Parse(bytes, "file").Files)
            {
                Path.GetFullPath(Path.Combine("/base", file)).ShouldStartWith("/base/");
            }
        });

    private static void Walk(GgufValue value)
    {
        if (value.ElementType == GgufValueType.Array)
        {
            foreach (GgufValue item in value.Items)
            {
                Walk(item);
            }
        }
        else if (value.IsArray && value.ElementType == GgufValueType.String)
        {
            value.ToTexts().Length.ShouldBe(value.Count);
        }
    }

    /// <summary>Reads mutations of the seeds.</summary>
    internal static void Fuzz(byte[][] seeds, Action<byte[]> read)
    {
        foreach (byte[] seed in seeds)
        {
            // The seeds are sound except that the multimodal configuration leaves nothing to fail on either.
            read(seed);
        }

        int accepted = 0;
        for (int i = 0; i < Cases; i++)
        {
            var random = new Random(i);
            byte[] mutated = Mutate(seeds[random.Next(seeds.Length)], random);
            accepted += Run(mutated, read, i) ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Cases} cases, {accepted} accepted");
    }

    private static bool Run(byte[] mutated, Action<byte[]> read, int number)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        bool accepted = true;
        try
        {
            read(mutated);
        }
        catch (CheckpointException)
        {
            accepted = false;
        }
        catch (Exception thrown)
        {
            throw new InvalidOperationException($"Case {number} throws {thrown.GetType().Name}.", thrown);
        }

        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeLimit, $"case {number}");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(AllocationLimit, $"case {number}");
        return accepted;
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        byte[] bytes = [.. seed];
        int count = random.Next(1, 5);
        for (int i = 0; i < count && bytes.Length > 0; i++)
        {
            // Headers come first, and that is where the readers look.
            int at = random.Next(2) == 0 ? random.Next(bytes.Length) : random.Next(Math.Min(bytes.Length, 256));
            ulong value = Interesting[random.Next(Interesting.Length)];
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes = bytes[..at];
                    break;
                case 3:
                    BitConverter.GetBytes(value).AsSpan(0, Math.Min(8, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
                    break;
                case 4:
                    BitConverter.GetBytes((uint)value).AsSpan(0, Math.Min(4, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
                    break;
                case 5:
                    bytes = [.. bytes[..at], .. Encoding.ASCII.GetBytes(Snippets[random.Next(Snippets.Length)]), .. bytes[at..]];
                    break;
                case 6:
                    int end = Math.Min(bytes.Length, at + random.Next(1, 64));
                    bytes = [.. bytes[..end], .. bytes[at..end], .. bytes[end..]];
                    break;
                default:
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 32))..]];
                    break;
            }
        }

        return bytes;
    }

    private static readonly string[] Snippets =
    [
        "\"", "{", "}", "[", "]", ",", ":", "null", "true", "-1", "1e999", "0.5", "9223372036854775808", "4294967296", "\\ud800", "\\u0000", "../",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    ];
}
