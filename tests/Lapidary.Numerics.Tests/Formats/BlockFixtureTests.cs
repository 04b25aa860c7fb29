using System.Runtime.InteropServices;
using System.Text.Json;
using Lapidary.Numerics.Formats;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Formats;

/// <summary>Blocks that llama.cpp wrote must give the numbers that it reads in them (tests/Fixtures/blocks/README.md).</summary>
public unsafe class BlockFixtureTests
{
    public static TheoryData<ElementType> Types =>
        [.. WeightFormat.All.Where(format => format.BlockLength > 1).Select(format => format.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Blocks_of_llama_cpp_decode_to_its_numbers_bit_for_bit(ElementType type)
    {
        using JsonDocument file = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "blocks.json")));
        JsonElement sample = file.RootElement.GetProperty(type.ToString());
        WeightFormat format = WeightFormat.Of(type);
        for (int tensor = 0; tensor < sample.GetProperty("blocks").GetArrayLength(); tensor++)
        {
            byte[] blocks = sample.GetProperty("blocks")[tensor].GetBytesFromBase64();
            uint[] expected = MemoryMarshal.Cast<byte, uint>(sample.GetProperty("values")[tensor].GetBytesFromBase64()).ToArray();
            expected.Length.ShouldBe(512);
            blocks.Length.ShouldBe((int)format.RowBytes(expected.Length));
            var reference = new float[expected.Length];
            var decoded = new float[expected.Length];
            format.DecodeReference(blocks, reference);
            fixed (byte* source = blocks)
            fixed (float* destination = decoded)
            {
                format.Decode(source, destination, decoded.Length);
            }

            MemoryMarshal.Cast<float, uint>(reference).ToArray().ShouldBe(expected, $"{type}, scalar");
            MemoryMarshal.Cast<float, uint>(decoded).ToArray().ShouldBe(expected, $"{type}, with vectors");
        }
    }
}
