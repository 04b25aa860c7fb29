using Lapidary.Cli.CommandLine;

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

        if (!IsHubId(model))
        {
            throw RequestException.Expected(Subject(model), "a folder, a .gguf file or a hub id", "no such file");
        }

        string cache = CacheFolder();
        string repository = Path.Combine(cache, "models--" + model.Replace("/", "--", StringComparison.Ordinal));
        if (!Directory.Exists(repository))
        {
            throw RequestException.Expected(
                Subject(model), $"a folder, a .gguf file or a model in the Hugging Face cache {cache}", "none of them");
        }

        return Snapshot(repository);
    }

    /// <summary>
    /// Folder of the Hugging Face cache, by the rules of huggingface_hub: HF_HUB_CACHE, HF_HOME/hub, XDG_CACHE_HOME/huggingface/hub,
    /// ~/.cache/huggingface/hub.
    /// </summary>
    public static string CacheFolder()
    {
        if (Variable("HF_HUB_CACHE") is { } hub)
        {
            return hub;
        }

        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string root = Variable("HF_HOME")
            ?? Path.Combine(Variable("XDG_CACHE_HOME") ?? Path.Combine(home, ".cache"), "huggingface");
        return Path.Combine(root, "hub");
    }

    private static string Snapshot(string repository)
    {
        string reference = Path.Combine(repository, "refs", "main");
        if (!File.Exists(reference))
        {
            throw RequestException.Expected(reference, "the name of a snapshot", "no such file");
        }

        string commit = File.ReadAllText(reference).Trim();
        if (commit.Length is 0 or > 64 || !commit.All(char.IsAsciiLetterOrDigit))
        {
            throw RequestException.Expected(reference, "the name of a snapshot", Quote.Text(commit));
        }

        string snapshot = Path.Combine(repository, "snapshots", commit);
        return Directory.Exists(snapshot)
            ? snapshot
            : throw RequestException.Expected(snapshot, "the snapshot that refs/main names", "no such folder");
    }

    // "name" or "organisation/name"; anything that can only be a path is left to the file system's answer.
    private static bool IsHubId(string model)
    {
        string[] parts = model.Split('/');
        return parts.Length <= 2
            && !model.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
            && parts.All(part => part.Length is > 0 and <= 96
                && part[0] != '.'
                && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'));
    }

    private static string Subject(string model) => model.Length == 0 ? "MODEL" : Quote.Line(model);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
