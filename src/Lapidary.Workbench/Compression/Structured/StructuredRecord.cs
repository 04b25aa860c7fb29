using System.Collections.Immutable;
using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Compression;

/// <summary>The file beside a pruned model that says what of which model stayed, and by which scores: enough to do it again.</summary>
public static class StructuredRecord
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "pruning.json";

    /// <summary>Writes it.</summary>
    /// <param name="output">The folder of the model.</param>
    /// <param name="plan">What stays.</param>
    /// <param name="source">The model that was pruned.</param>
    /// <param name="layerScores">The scores of the layers, or empty.</param>
    /// <param name="settings">More to say: names and texts, such as the calibration text.</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public static void Write(
        OutputFolder output,
        StructuredPlan plan,
        string source,
        ImmutableArray<double> layerScores,
        IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(settings);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("source", source);
            foreach ((string name, string value) in settings)
            {
                writer.WriteString(name, value);
            }

            WriteArray(writer, "layer_scores", layerScores, writer.WriteNumberValue);
            WriteArray(writer, "kept_layers", plan.Layers, writer.WriteNumberValue);
            WriteArray(writer, "kept_neurons", plan.Neurons, Indices);
            WriteArray(writer, "kept_heads", plan.Heads, Indices);
            WriteArray(writer, "kept_key_value_heads", plan.KeyValueHeads, Indices);
            WriteArray(writer, "kept_channels", plan.Channels, writer.WriteNumberValue);
            writer.WriteEndObject();

            void Indices(ImmutableArray<int> kept)
            {
                writer.WriteStartArray();
                foreach (int index in kept)
                {
                    writer.WriteNumberValue(index);
                }

                writer.WriteEndArray();
            }
        }

        buffer.WriteByte((byte)'\n');
        output.Write(FileName, buffer.ToArray());
    }

    // What is empty is not said: all of it stayed.
    private static void WriteArray<T>(Utf8JsonWriter writer, string name, ImmutableArray<T> values, Action<T> write)
    {
        if (values.IsDefaultOrEmpty)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (T value in values)
        {
            write(value);
        }

        writer.WriteEndArray();
    }
}
