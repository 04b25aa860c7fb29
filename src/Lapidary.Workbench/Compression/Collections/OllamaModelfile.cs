using System.Globalization;
using System.Text;
using Lapidary.Inference.Sampling;

namespace Lapidary.Workbench.Compression.Collections;

/// <summary>The Modelfile by which Ollama loads a GGUF file of Gemma 3.</summary>
public static class OllamaModelfile
{
    /// <summary>The token that ends a turn.</summary>
    public const string EndOfTurn = "<end_of_turn>";

    // Gemma 3's own template in the template language of Go: a system message stands before the first message of the user, as there.
    private const string Template = """
        {{- $system := "" }}
        {{- range .Messages }}
        {{- if eq .Role "system" }}{{ $system = .Content }}
        {{- else if eq .Role "assistant" }}<start_of_turn>model
        {{ .Content }}<end_of_turn>
        {{ else }}<start_of_turn>user
        {{ if $system }}{{ $system }}

        {{ $system = "" }}{{ end }}{{ .Content }}<end_of_turn>
        {{ end }}
        {{- end }}<start_of_turn>model

        """;

    /// <summary>The text of a Modelfile.</summary>
    /// <param name="file">The name of the GGUF file, which lies beside it.</param>
    /// <param name="sampling">How the model wants to be sampled.</param>
    /// <param name="hasTurns">Whether the model was tuned on Gemma's turns; a base model gets no template.</param>
    public static string Create(string file, SamplingOptions sampling, bool hasTurns)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        ArgumentNullException.ThrowIfNull(sampling);
        var text = new StringBuilder($"FROM ./{file}\n");
        if (hasTurns)
        {
            text.Append("TEMPLATE \"\"\"").Append(Template.ReplaceLineEndings("\n")).Append("\"\"\"\n");
            text.Append(CultureInfo.InvariantCulture, $"PARAMETER stop {EndOfTurn}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"PARAMETER temperature {sampling.Temperature:R}\n");
        text.Append(CultureInfo.InvariantCulture, $"PARAMETER top_k {sampling.TopK}\n");
        text.Append(CultureInfo.InvariantCulture, $"PARAMETER top_p {sampling.TopP:R}\n");
        text.Append(CultureInfo.InvariantCulture, $"PARAMETER min_p {sampling.MinP:R}\n");

        // Ollama's own value is 1.1, which no Gemma was tuned for.
        text.Append(CultureInfo.InvariantCulture, $"PARAMETER repeat_penalty {sampling.RepetitionPenalty:R}\n");
        return text.ToString();
    }
}
