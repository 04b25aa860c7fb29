using System.IO.Enumeration;
using Lapidary.Text.Data.Documents;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Hub;

/// <summary>Which files of a repository are fetched.</summary>
internal static class FileSelection
{
    private const int MostNamed = 12;

    private static readonly string[] ModelExtensions = [".safetensors", ".json", ".model", ".jinja", ".txt", ".md"];
    private static readonly string[] Licences = ["LICENSE", "LICENCE", "NOTICE", "USE_POLICY"];

    // What libraries write about the files of a data set, and no data.
    private static readonly string[] Descriptions = ["dataset_infos.json", "dataset_info.json", "state.json"];

    /// <summary>
    /// Whether the files of a data set are none that can be read: it is a script (a .py of its own name), which is never run here, or in
    /// formats that are not.
    /// </summary>
    public static bool NeedsConversion(HubRepository repository, HubListing listing) =>
        repository.Kind == HubRepositoryKind.Dataset
        && (listing.Files.Any(file => file.Path.Equals(repository.Name + ".py", StringComparison.OrdinalIgnoreCase))
            || !listing.Files.Any(file => DocumentReader.CanRead(file.Path) && !Descriptions.Contains(NameOf(file))));

    /// <summary>The files that are fetched, in the order of the hub.</summary>
    /// <exception cref="HubException">There is none.</exception>
    public static IReadOnlyList<HubFile> Choose(HubRepository repository, HubListing listing, HubPullOptions options)
    {
        IReadOnlyList<HubFile> files =
        [
            .. listing.Files
                .Where(file => options.Include.Count > 0 ? Matches(file, options.Include) : IsUsual(repository, file))
                .Where(file => !Matches(file, options.Exclude)),
        ];
        if (options.Include.Count > 0 || options.Exclude.Count > 0)
        {
            return files.Count > 0 ? files : throw new HubException(
                $"{repository}: no file is called like that; there are {Named(listing.Files)}", HubFault.WrongRequest);
        }

        CheckWeights(repository, listing, files);
        return files.Count > 0 ? files : throw new HubException(
            $"{repository}: has nothing that can be read; name files with --include: {Named(listing.Files)}", HubFault.WrongRequest);
    }

    // Folders in the repository of a model hold the same weights for other programs.
    private static bool IsUsual(HubRepository repository, HubFile file) => repository.Kind == HubRepositoryKind.Dataset
        ? DocumentReader.CanRead(file.Path) || file.Path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase) || file.Path == "README.md"
        : !file.Path.Contains('/', StringComparison.Ordinal)
            && (HasExtension(file, ModelExtensions) || Licences.Contains(file.Path, StringComparer.OrdinalIgnoreCase));

    private static void CheckWeights(HubRepository repository, HubListing listing, IReadOnlyList<HubFile> files)
    {
        if (repository.Kind != HubRepositoryKind.Model || files.Any(file => HasExtension(file, [".safetensors"])))
        {
            return;
        }

        HubFile[] quantized = [.. listing.Files.Where(file => HasExtension(file, [".gguf"]))];
        if (quantized.Length > 0)
        {
            throw new HubException($"{repository}: has GGUF files; name one with --include: {Named(quantized)}", HubFault.WrongRequest);
        }

        if (listing.Files.FirstOrDefault(file => HasExtension(file, [".bin", ".pt", ".pth", ".h5", ".msgpack"])) is { } other)
        {
            throw new HubException(
                $"{repository}: has its weights in {ForeignText.Show(other.Path)} where .safetensors or .gguf was expected", HubFault.WrongRequest);
        }
    }

    private static bool Matches(HubFile file, IReadOnlyList<string> patterns) => patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(
        pattern.EndsWith('/') ? pattern + "*" : pattern, file.Path, ignoreCase: false));

    private static bool HasExtension(HubFile file, string[] extensions) =>
        extensions.Contains(Path.GetExtension(file.Path), StringComparer.OrdinalIgnoreCase);

    private static string NameOf(HubFile file) => file.Path[(file.Path.LastIndexOf('/') + 1)..];

    private static string Named(IReadOnlyList<HubFile> files) => files.Count == 0 ? "none"
        : string.Join(", ", files.Take(MostNamed).Select(file => ForeignText.Show(file.Path)))
            + (files.Count > MostNamed ? $" and {files.Count - MostNamed} more" : string.Empty);
}
