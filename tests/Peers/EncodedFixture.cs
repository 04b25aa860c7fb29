using System.Text.Json;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Tests.Common;

namespace Lapidary.Peers.Tests;

/// <summary>What ggml makes of a row of every kind, in every format: tests/Fixtures/encoded/encoded.json.</summary>
internal static class EncodedFixture
{
    private const int Width = 256;

    /// <summary>The kind that stands for a row of an odd number of super-blocks.</summary>
    private const string WideKind = "bell";

    private const int Wide = 768;

    /// <summary>The file: type, with or without importance, kind, blocks in base64.</summary>
    public static byte[] Write(GgmlQuantizer ggml)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            foreach (WeightFormat format in WeightFormat.All.Where(format => format.Type is not ElementType.F32))
            {
                writer.WriteStartObject(format.Type.ToString());
                Write(writer, ggml, format.Type, "plain", hasImportance: false);
                if (format.Type is not (ElementType.F16 or ElementType.BF16 or ElementType.Q8_0))
                {
                    Write(writer, ggml, format.Type, "importance", hasImportance: true);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return [.. stream.ToArray(), (byte)'\n'];
    }

    private static void Write(Utf8JsonWriter writer, GgmlQuantizer ggml, ElementType type, string name, bool hasImportance)
    {
        writer.WriteStartObject(name);
        foreach (string kind in StructuredRows.Names)
        {
            int width = kind == WideKind ? Wide : Width;
            float[] importance = hasImportance ? StructuredRows.Importance(width) : [];
            writer.WriteBase64String(kind, ggml.Encode(type, StructuredRows.Row(kind, width), 1, importance));
        }

        writer.WriteEndObject();
    }
}
