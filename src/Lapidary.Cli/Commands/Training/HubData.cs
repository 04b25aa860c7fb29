using Lapidary.Cli.CommandLine;
using Lapidary.Hub;
using Lapidary.Workbench.Evaluation.Data;

namespace Lapidary.Cli.Commands.Training;

/// <summary>Data to train on that are named as the hub names them, <c>ORG/NAME[:CONFIG][@SPLIT]</c>, and taken from its cache.</summary>
internal static class HubData
{
    private const string UsualSplit = "train";

    // What looks like a file is meant as one, also where it is not there.
    private static readonly string[] FileExtensions = [".jsonl", ".ndjson", ".json", ".csv", ".txt", ".parquet"];

    /// <summary>The files of the data set; null where a path is meant.</summary>
    /// <exception cref="RequestException">The cache does not have them.</exception>
    public static IReadOnlyList<string>? Find(string data)
    {
        if (File.Exists(data) || Directory.Exists(data) || FileExtensions.Contains(Path.GetExtension(data), StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        (string whole, string? split) = Cut(data, '@');
        (string id, string? configuration) = Cut(whole, ':');
        if (!id.Contains('/', StringComparison.Ordinal) || HubRepository.TryParse(HubRepositoryKind.Dataset, id) is not { } repository)
        {
            return null;
        }

        HubCache cache = HubCache.FromEnvironment();
        try
        {
            return new DatasetLocator(null, cache.Folder).Find(id, configuration, split ?? UsualSplit).Files;
        }
        catch (DatasetNotFoundException)
        {
            string folder = cache.FolderOf(repository);
            throw Directory.Exists(folder)
                ? RequestException.Expected(
                    Quote.Line(data), $"files of the split {split ?? UsualSplit}{(configuration is null ? string.Empty : $" of {configuration}")} in {folder}", "none")
                : RequestException.Expected(
                    Quote.Line(data), $"a file, a folder, or a data set in the Hugging Face cache {cache.Folder}", $"none of them; 'lapidary pull --dataset {id}' fetches one");
        }
    }

    private static (string Before, string? After) Cut(string text, char separator)
    {
        int at = text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
    }
}
