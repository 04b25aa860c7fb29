using System.Text.Json;

namespace Lapidary.Workbench.Training;

/// <summary>A line of <c>metrics.jsonl</c> and the entry that it stands for. Numbers that JSON cannot write stand as "NaN" and "Infinity".</summary>
internal static class MetricsLine
{
    /// <summary>Longer lines are no entries.</summary>
    public const int LengthLimit = 1 << 16;

    /// <summary>Writes an entry, without the end of the line.</summary>
    public static void Write(Utf8JsonWriter json, MetricsEntry entry)
    {
        json.WriteStartObject();
        json.WriteNumber("step", entry.Step);
        Number(json, "epoch", entry.Epoch);
        Number(json, "loss", entry.Loss);
        Number(json, "learning_rate", entry.LearningRate);
        Number(json, "grad_norm", entry.GradientNorm);
        Number(json, "mean_token_accuracy", entry.MeanTokenAccuracy);
        Whole(json, "num_tokens", entry.Tokens);
        Number(json, "tokens_per_second", entry.TokensPerSecond);
        Number(json, "seconds", entry.Seconds);
        Whole(json, "memory_bytes", entry.MemoryBytes);
        Number(json, "sparsity", entry.Sparsity);
        Number(json, "eval_loss", entry.ValidationLoss);
        Number(json, "eval_mean_token_accuracy", entry.ValidationAccuracy);
        json.WriteEndObject();
    }

    /// <summary>Reads a line; null if it is none of ours. Names that are not known are passed over.</summary>
    public static MetricsEntry? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 8 });
            return Read(ref reader);
        }
        catch (Exception thrown) when (thrown is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static MetricsEntry? Read(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        var entry = new MetricsEntry { Step = -1 };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            entry = name switch
            {
                "step" => entry with { Step = Whole(ref reader) ?? -1 },
                "epoch" => entry with { Epoch = Number(ref reader) },
                "loss" => entry with { Loss = Number(ref reader) },
                "learning_rate" => entry with { LearningRate = Number(ref reader) },
                "grad_norm" => entry with { GradientNorm = Number(ref reader) },
                "mean_token_accuracy" => entry with { MeanTokenAccuracy = Number(ref reader) },
                "num_tokens" => entry with { Tokens = Whole(ref reader) },
                "tokens_per_second" => entry with { TokensPerSecond = Number(ref reader) },
                "seconds" => entry with { Seconds = Number(ref reader) },
                "memory_bytes" => entry with { MemoryBytes = Whole(ref reader) },
                "sparsity" => entry with { Sparsity = Number(ref reader) },
                "eval_loss" => entry with { ValidationLoss = Number(ref reader) },
                "eval_mean_token_accuracy" => entry with { ValidationAccuracy = Number(ref reader) },
                _ => Skip(ref reader, entry),
            };
        }

        // Nothing may follow the object.
        reader.Read();
        return entry.Step >= 0 ? entry : null;
    }

    private static MetricsEntry Skip(ref Utf8JsonReader reader, MetricsEntry entry)
    {
        reader.Skip();
        return entry;
    }

    private static long? Whole(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long number) && number >= 0)
        {
            return number;
        }

        reader.Skip();
        return null;
    }

    private static double? Number(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double number))
        {
            return number;
        }

        double? named = reader.TokenType != JsonTokenType.String ? null
            : reader.ValueTextEquals("NaN"u8) ? double.NaN
            : reader.ValueTextEquals("Infinity"u8) ? double.PositiveInfinity
            : reader.ValueTextEquals("-Infinity"u8) ? double.NegativeInfinity
            : null;
        reader.Skip();
        return named;
    }

    private static void Whole(Utf8JsonWriter json, string name, long? value)
    {
        if (value is long number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        switch (value)
        {
            case null:
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, double.IsNaN(value.Value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
                break;
        }
    }
}
