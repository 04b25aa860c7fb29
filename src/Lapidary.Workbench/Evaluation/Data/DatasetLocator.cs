using Lapidary.Checkpoints;
using Lapidary.Hub;

namespace Lapidary.Workbench.Evaluation.Data;

/// <summary>
/// Finds the files of a split of a data set: first in a folder of the user's, by its index or by what the files are called, then in the
/// Hugging Face cache. Nothing is ever downloaded.
/// </summary>
/// <remarks>
/// <para>
/// The file <c>datasets.json</c> in a folder of data: which of its files hold which splits, for files that are not called as the hub calls
/// them. An object of data sets, of their configurations, of their splits:
/// </para>
/// <code>
/// {
///   "cais/mmlu": {
///     "*": {
///       "test": { "files": "mmlu_test.jsonl", "where": { "subject": "{config}" } },
///       "dev": { "files": "mmlu_dev.jsonl", "where": { "subject": "{config}" } }
///     }
///   },
///   "openai/gsm8k": { "main": { "test": "gsm8k/test.jsonl", "train": ["gsm8k/train-1.jsonl", "gsm8k/train-2.jsonl"] } },
///   "mbpp": { "": { "test": { "files": "mbpp.jsonl", "where": { "task_id": { "from": 11, "to": 510 } }, "rename": { "prompt": "text" } } } }
/// }
/// </code>
/// <para>
/// <c>"*"</c> stands for every configuration that is not named beside it, also for none; <c>""</c> for none alone. In a file's name and in the
/// texts of a condition <c>{config}</c> and <c>{split}</c> stand for what is asked for. Files are paths below the folder. A split is those
/// documents of its files, in order, for which every column of <c>where</c> holds the value, or a number from <c>from</c> to <c>to</c>
/// (both may be left out); <c>rename</c> goes from the column of the file to the name that tasks use.
/// </para>
/// <para>
/// Without an entry there, a data set ORG/NAME is looked for in ORG/NAME and NAME below the folder, in this order: the files that the card
/// of the data set (<c>README.md</c>) lists under <c>configs</c>; <c>CONFIG/SPLIT*</c>, <c>data/CONFIG/SPLIT*</c>, <c>CONFIG/SPLIT/*</c>,
/// <c>CONFIG_SPLIT*</c>; and, where no configuration is asked for or it is called as the data set or as an only one is (default, main, all,
/// full, plain_text), <c>data/SPLIT*</c> and <c>SPLIT*</c>. Behind the split may stand the number of a part (<c>-00000-of-00002</c>) and a
/// hash. Parquet is preferred to JSON, and JSON to CSV. In the folder itself <c>NAME_CONFIG_SPLIT*</c> and <c>NAME_SPLIT*</c> are found. The
/// snapshot of the cache is the one that <c>refs/main</c> names, then the hub's own conversion to Parquet.
/// </para>
/// </remarks>
/// <param name="dataDirectory">The user's folder of data; null for none.</param>
/// <param name="cacheDirectory">The Hugging Face cache, which holds <c>datasets--ORG--NAME</c>; null for none.</param>
public sealed class DatasetLocator(string? dataDirectory, string? cacheDirectory)
{
    // Where a data set is a script, which is never run here, the hub keeps a copy of it as Parquet under the second name.
    private static readonly string[] References = [HubCache.MainRevision, HubCache.ParquetRevision];

    private readonly DocumentCache cache = new();
    private readonly Lazy<DatasetIndex?> index = new(() => dataDirectory is null ? null : DatasetIndex.Open(dataDirectory));

    /// <summary>The files of a split.</summary>
    /// <param name="datasetPath">The data set: "organisation/name", or "name" alone.</param>
    /// <param name="datasetName">Its configuration; null or empty for the one that it has where none is named.</param>
    /// <param name="split">The split: "train", "validation", "test" or what the data set calls it.</param>
    /// <exception cref="DatasetNotFoundException">They are not there.</exception>
    /// <exception cref="CheckpointException">A name is none, a part of the files is missing, or the index cannot be used.</exception>
    public DatasetSource Find(string datasetPath, string? datasetName, string split)
    {
        DatasetRequest request = DatasetRequest.Create(datasetPath, datasetName, split);
        List<string> places = [];
        return Find(request, places) ?? throw NotFound(request, places);
    }

    /// <summary>Whether the files of a split are there.</summary>
    /// <inheritdoc cref="Find(string, string?, string)" path="/param"/>
    /// <exception cref="CheckpointException">A name is none, a part of the files is missing, or the index cannot be used.</exception>
    public bool Exists(string datasetPath, string? datasetName, string split) =>
        Find(DatasetRequest.Create(datasetPath, datasetName, split), []) is not null;

    private DatasetSource? Find(DatasetRequest request, List<string> places)
    {
        if (dataDirectory is not null)
        {
            if (index.Value is { } known)
            {
                places.Add(known.Path);
                if (known.Find(request) is { } entry)
                {
                    return new DatasetSource(request, entry.Files, entry.Selection, revision: null, cache);
                }
            }

            foreach (string folder in UserFolders(dataDirectory, request))
            {
                places.Add(folder);
                if (DatasetFolder.Find(folder, request) is { } files)
                {
                    return new DatasetSource(request, files, DatasetSelection.All, revision: null, cache);
                }
            }

            places.Add(dataDirectory);
            if (DatasetFolder.FindNamed(dataDirectory, request) is { } named)
            {
                return new DatasetSource(request, named, DatasetSelection.All, revision: null, cache);
            }
        }

        return cacheDirectory is null ? null : FindInCache(new HubCache(cacheDirectory), request, cache, places);
    }

    private static DatasetSource? FindInCache(HubCache hub, DatasetRequest request, DocumentCache documents, List<string> places)
    {
        if (HubRepository.TryParse(HubRepositoryKind.Dataset, request.Path) is not { } repository)
        {
            return null;
        }

        places.Add(hub.FolderOf(repository));
        foreach (string revision in References)
        {
            if (hub.FindSnapshot(repository, revision) is { } snapshot && DatasetFolder.Find(snapshot.Folder, request) is { } files)
            {
                return new DatasetSource(request, files, DatasetSelection.All, snapshot.Commit, documents);
            }
        }

        return null;
    }

    private static IEnumerable<string> UserFolders(string root, DatasetRequest request)
    {
        string organised = Path.Combine(root, request.Path);
        string plain = Path.Combine(root, request.Name);
        return organised == plain ? [plain] : [organised, plain];
    }

    private DatasetNotFoundException NotFound(DatasetRequest request, List<string> places)
    {
        string where = places.Count == 0
            ? "is not there, and neither a folder of data nor the Hugging Face cache was given to look in"
            : $"is not in {string.Join(", ", places.SkipLast(1))}{(places.Count > 1 ? " or " : string.Empty)}{places[^1]}";
        string other = dataDirectory is null ? "name a folder that has it with --data-dir" : "put its files under the folder of --data-dir";
        return new DatasetNotFoundException(
            request.ToString(), $"{where}. Get it with \"lapidary pull --dataset {request.Path}\", or {other}.");
    }
}
