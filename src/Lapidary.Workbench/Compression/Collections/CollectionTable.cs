using System.Globalization;
using System.Text;
using Lapidary.Workbench.Evaluation.Texts;
using Lapidary.Workbench.Reports;

namespace Lapidary.Workbench.Compression.Collections;

/// <summary>The table of a collection in Markdown.</summary>
internal static class CollectionTable
{
    /// <summary>The page.</summary>
    public static string Create(CollectionFacts facts, IReadOnlyList<CollectionEntry> entries)
    {
        bool scored = facts.Text is not null && entries.All(entry => entry.Scores is not null);
        bool timed = entries.Count > 0 && entries.All(entry => entry.Speed is not null);
        List<string> heads = ["file", ">size", ">bits per weight", ">compression"];
        if (scored)
        {
            heads.AddRange([">perplexity", ">divergence", ">same top token"]);
        }

        if (timed)
        {
            heads.AddRange([">prompt, tokens/s", ">generation, tokens/s"]);
        }

        var page = new StringBuilder();
        page.Append("# ").Append(facts.Model).Append(": GGUF collection\n\n");
        Row(page, heads.Select(head => head.TrimStart('>')));
        Row(page, heads.Select(head => head[0] == '>' ? "--:" : "---"));
        foreach (CollectionEntry entry in entries)
        {
            Row(page, Cells(entry, scored, timed));
        }

        page.Append('\n');
        foreach (string note in Notes(facts, entries, scored, timed))
        {
            page.Append("- ").Append(note).Append('\n');
        }

        return page.ToString();
    }

    private static IEnumerable<string> Cells(CollectionEntry entry, bool scored, bool timed)
    {
        yield return $"[{entry.Type}]({Uri.EscapeDataString(entry.File)})";
        yield return ByteSize.Text(entry.FileBytes);
        yield return Number(entry.BitsPerWeight, "0.00");
        yield return Number(entry.Compression, "0.0") + "x";
        if (scored)
        {
            CollectionScores scores = entry.Scores!;
            yield return Uncertain(scores.Perplexity, 1, "0.000", string.Empty);
            yield return Uncertain(scores.Divergence, 1, "0.00000", string.Empty);
            yield return Uncertain(scores.SameTop, 100, "0.0", " %");
        }

        if (timed)
        {
            yield return Number(entry.Speed!.PromptRate, "0.0");
            yield return Number(entry.Speed.GenerationRate, "0.0");
        }
    }

    private static IEnumerable<string> Notes(CollectionFacts facts, IReadOnlyList<CollectionEntry> entries, bool scored, bool timed)
    {
        yield return "Types and mixes are llama.cpp's. Bits per weight and compression are those of the tensors, compression against 16 bits a number.";
        if (facts.Importance is { } importance)
        {
            yield return $"Errors were weighed by the importance matrix `{importance}`.";
        }

        if (!scored)
        {
            yield return "Quality was not measured: no text was given.";
        }
        else
        {
            string of = facts.BasePerplexity is { } perplexity ? $"; its perplexity is {Uncertain(perplexity, 1, "0.000", string.Empty)}" : string.Empty;
            yield return $"Perplexity, divergence and the share of predictions with the same likeliest token are those of `{facts.Text}`, {facts.Chunks}, "
                + $"each with its standard error. Divergence is the mean Kullback-Leibler divergence in nats from {facts.Base}{of}.";
        }

        if (timed)
        {
            CollectionSpeed speed = entries[0].Speed!;
            yield return $"Speed: a prompt of {speed.PromptTokens} tokens, {speed.GeneratedTokens} tokens generated ({speed.Machine}).";
        }
        else
        {
            yield return "Speed was not measured.";
        }

        yield return "`ollama create NAME -f Modelfile.TYPE` loads a file into Ollama.";
    }

    private static void Row(StringBuilder page, IEnumerable<string> cells) => page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Uncertain(UncertainValue value, double scale, string form, string unit) =>
        $"{Number(scale * value.Value, form)}{unit} \u00b1 {Number(scale * value.Uncertainty, form)}";

    // Rounding of the recorded predictions can leave a divergence just below zero.
    private static string Number(double value, string form) => value.ToString(form, CultureInfo.InvariantCulture) is var text && text.Trim('-', '0', '.').Length == 0
        ? 0.0.ToString(form, CultureInfo.InvariantCulture)
        : text;
}
