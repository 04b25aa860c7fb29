using Lapidary.Cli.CommandLine;
using Lapidary.Hub;

namespace Lapidary.Cli.Models;

/// <summary>Finds the files of a MODEL: a path, the model that comes along, or a hub id in the local Hugging Face cache.</summary>
internal static class ModelLocator
{
    /// <summary>Name of the base model that comes along with the tool.</summary>
    public const string Pebble = "pebble";

    /// <summary>Name of the tuned model that comes along with the tool: what answers where no model is named.</summary>
    public const string TunedPebble = "pebble-it";

    /// <summary>Path of a folder or file that exists.</summary>
    /// <exception cref="RequestException">There is none.</exception>
    public static string Find(string model)
    {
        if (model is Pebble or TunedPebble)
        {
            string folder = Path.Combine(AppContext.BaseDirectory, "models", model);
            return Directory.Exists(folder)
                ? folder
                : throw RequestException.Expected(folder, "the model that comes with the tool", "no such folder");
        }

        if (Directory.Exists(model) || File.Exists(model))
        {
            return model;
        }

        if (model.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) || HubRepository.TryParse(HubRepositoryKind.Model, model) is not { } repository)
        {
            throw RequestException.Expected(Subject(model), "a folder, a .gguf file or a hub id", "no such file");
        }

        HubCache cache = HubCache.FromEnvironment();
        if (!Directory.Exists(cache.FolderOf(repository)))
        {
            string help = model.Contains('/', StringComparison.Ordinal) ? $"; 'lapidary pull {model}' fetches it" : string.Empty;
            throw RequestException.Expected(
                Subject(model), $"a folder, a .gguf file or a model in the Hugging Face cache {cache.Folder}", "none of them" + help);
        }

        return cache.FindSnapshot(repository) is { } snapshot ? FileIn(snapshot.Folder) : throw RequestException.Expected(
            cache.ReferenceOf(repository), "the name of a snapshot that is there", $"none; 'lapidary pull {model}' fetches it");
    }

    // A repository of GGUF files holds no model but several; one that was fetched alone is meant.
    private static string FileIn(string snapshot)
    {
        if (File.Exists(Path.Combine(snapshot, "config.json")) || Directory.EnumerateFiles(snapshot, "*.safetensors").Any())
        {
            return snapshot;
        }

        string[] files = [.. Directory.EnumerateFiles(snapshot, "*.gguf", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(2)];
        return files.Length switch
        {
            0 => snapshot,
            1 => files[0],
            _ => throw RequestException.Expected(snapshot, "one model", "several .gguf files: name one of them by its path"),
        };
    }

    private static string Subject(string model) => model.Length == 0 ? "MODEL" : Quote.Line(model);
}
