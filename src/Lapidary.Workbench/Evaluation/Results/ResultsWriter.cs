using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Statistics;
using Lapidary.Workbench.Reports;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>
/// Writes the files of an evaluation in the layout of lm-evaluation-harness: <c>results_{time}.json</c> with everything in it, and
/// <c>samples_{task}_{time}.jsonl</c> with a line for each document and filter; and beside them, for tasks with choices, the reliability plot
/// <c>calibration_{time}.svg</c>. No file is ever there half, and the results come last: who
/// sees them finds their samples.
/// </summary>
public static class ResultsWriter
{
    /// <summary>Throws unless files can be written, so that nobody waits for results that have no place to go to.</summary>
    /// <param name="output">What <see cref="Write"/> takes.</param>
    /// <param name="modelName">The name of the model that is going to be evaluated.</param>
    /// <exception cref="CheckpointException">No file can be written.</exception>
    public static void CheckOutput(string output, string modelName)
    {
        // What is not committed is removed again, the folder too where it was not there.
        using var files = new OutputFolder(FolderOf(output, modelName), overwrite: true);
        files.Write("results", ReadOnlySpan<byte>.Empty);
    }

    /// <summary>Writes the files.</summary>
    /// <param name="results">What is written.</param>
    /// <param name="output">
    /// A folder, in which a folder of the model's name is made; or a path that ends in <c>.json</c>, whose name the results get with the
    /// time behind it.
    /// </param>
    /// <returns>The paths of the files, the results first.</returns>
    /// <exception cref="CheckpointException">A file cannot be written.</exception>
    public static IReadOnlyList<string> Write(EvaluationResults results, string output)
    {
        string time = TimeName(results.Run.Started);
        string folder = FolderOf(output, results.Run.ModelName);
        string name = $"{(IsFile(output) ? Path.GetFileNameWithoutExtension(output) : "results")}_{time}.json";
        using var files = new OutputFolder(folder, overwrite: true);
        var names = new List<string> { name };
        var hashes = new JsonObject();
        foreach (TaskResult task in results.Tasks.Where(task => task.Samples is not null))
        {
            string samples = $"samples_{SafeName(task.Name)}_{time}.jsonl";
            hashes[task.Name] = WriteSamples(files.Stage(samples), task.Samples!);
            names.Add(samples);
        }

        if (results.Choices.Count > 0)
        {
            string plot = $"calibration_{time}.svg";
            var together = Calibration.Together([.. results.Choices.Select(summary => summary.Calibration)]);
            files.Write(plot, ReliabilityPlot.Of([(results.Run.ModelName, together)]).ToBytes());
            names.Add(plot);
        }

        files.Write(name, Encoding.UTF8.GetBytes(PythonText.Indented(ResultsDocument.Create(results, hashes))));
        files.Commit();
        return [.. names.Select(file => Path.Combine(folder, file))];
    }

    /// <summary>The object of a results file, without the hashes of tasks, which are those of samples.</summary>
    /// <param name="results">What it holds.</param>
    public static JsonObject Document(EvaluationResults results) => ResultsDocument.Create(results, []);

    /// <summary>A model's name as a folder: each run of characters that a path cannot have becomes two underscores.</summary>
    public static string SanitizedName(string name)
    {
        string safe = SafeName(name, "__");

        // A name such as ".." would be another folder.
        return safe.Trim('.').Length == 0 ? "__" : safe;
    }

    /// <summary>The time of a run as the names of its files have it, such as <c>2026-01-31T12-34-56.789012</c>.</summary>
    internal static string TimeName(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH-mm-ss.ffffff", CultureInfo.InvariantCulture);

    private static bool IsFile(string output) => output.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static string FolderOf(string output, string modelName) =>
        IsFile(output) ? Path.GetDirectoryName(Path.GetFullPath(output))! : Path.Combine(output, SanitizedName(modelName));

    // Task names come from task files of strangers.
    private static string SafeName(string name, string replacement = "_")
    {
        var safe = new StringBuilder(name.Length);
        bool inRun = false;
        foreach (char c in name)
        {
            bool isForbidden = c is '"' or '<' or '>' or ':' or '/' or '|' or '\\' or '?' or '*' or '[' or ']' || char.IsControl(c);
            if (!isForbidden)
            {
                safe.Append(c);
            }
            else if (!inRun)
            {
                safe.Append(replacement);
            }

            inRun = isForbidden;
        }

        return safe.ToString();
    }

    private static string WriteSamples(string path, IEnumerable<SampleRow> rows)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
            var hashes = new StringBuilder();
            foreach (SampleRow row in rows)
            {
                (JsonObject line, string hash) = SampleLine.Create(row);
                hashes.Append(hash);
                stream.Write(Encoding.UTF8.GetBytes(PythonText.Line(line) + "\n"));
            }

            stream.Flush(flushToDisk: true);
            return ResultHash.OfText(hashes.ToString());
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointWriteException(path, $"cannot be written: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }
}
