using System.Text.Json;
using Lapidary.Numerics.Formats;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Formats;

/// <summary>Rows of every kind have the blocks that ggml gives them (tests/Fixtures/encoded/README.md), scalar and with vectors.</summary>
public class EncodeFixtureTests
{
    public static TheoryData<ElementType> Types =>
        [.. WeightFormat.All.Where(format => format.Type != ElementType.F32).Select(format => format.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Blocks_are_those_of_ggml_byte_for_byte(ElementType type)
    {
        using JsonDocument file = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "encoded.json")));
        WeightFormat format = WeightFormat.Of(type);
        int rows = 0;
        foreach (JsonProperty set in file.RootElement.GetProperty(type.ToString()).EnumerateObject())
        {
            foreach (JsonProperty row in set.Value.EnumerateObject())
            {
                byte[] expected = row.Value.GetBytesFromBase64(), actual = new byte[expected.Length];
                int width = expected.Length / format.BlockBytes * format.BlockLength;
                float[] values = StructuredRows.Row(row.Name, width);
                float[] importance = set.Name == "importance" ? StructuredRows.Importance(width) : [];
                format.EncodeReference(values, importance, actual);
                actual.ShouldBe(expected, $"{set.Name}, {row.Name}, scalar");
                actual.AsSpan().Fill(0xa5);
                format.Encode(values, importance, actual);
                actual.ShouldBe(expected, $"{set.Name}, {row.Name}, with vectors");
                rows++;
            }
        }

        bool usesImportance = type is not (ElementType.F16 or ElementType.BF16 or ElementType.Q8_0);
        rows.ShouldBe(StructuredRows.Names.Count() * (usesImportance ? 2 : 1));
    }
}
