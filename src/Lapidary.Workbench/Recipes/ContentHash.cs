using System.Security.Cryptography;
using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Training;

namespace Lapidary.Workbench.Recipes;

/// <summary>What identifies a file or a folder by what is in it, whatever its name, its place and its times are.</summary>
public static class ContentHash
{
    // More files than any model, adapter or results folder has; a wrong folder, such as a home, is noticed.
    private const int MostFiles = 100_000;

    /// <summary>
    /// SHA-256 in lower-case hexadecimal digits: of a file its own, as <c>sha256sum</c> prints it; of a folder that of the lines that
    /// <c>sha256sum</c> prints for <see cref="FilesOf"/>, in the order of their names.
    /// </summary>
    /// <param name="path">A file or a folder that is there.</param>
    /// <exception cref="CheckpointException">It is not there, cannot be read, or has more files than a model or its results have.</exception>
    public static string Of(string path) => Of(path, FilesOf(path));

    /// <summary>The same from files that were hashed already.</summary>
    internal static string Of(string path, IReadOnlyList<LineageFile> files)
    {
        if (File.Exists(path))
        {
            return files[0].Sha256;
        }

        var lines = new StringBuilder();
        foreach (LineageFile file in files)
        {
            lines.Append(file.Sha256).Append("  ").Append(file.Name).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }

    /// <summary>
    /// The files that make an artefact what it is, hashed by several threads. Of a folder with a model or an adapter these are the files that
    /// are loaded with it: a card, charts and the checkpoints of a run beside them change nothing. Of any other folder all files count but
    /// hidden ones and its own lineage.
    /// </summary>
    /// <param name="path">A file or a folder that is there.</param>
    /// <exception cref="CheckpointException">It is not there, cannot be read, or has more files than a model or its results have.</exception>
    public static IReadOnlyList<LineageFile> FilesOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string[] names = File.Exists(path) ? [Path.GetFileName(path)] : Names(path);
        string root = File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path;
        var files = new LineageFile[names.Length];
        try
        {
            Parallel.For(0, names.Length, i =>
            {
                string file = Path.Combine(root, names[i]);
                files[i] = new LineageFile(names[i], Length(file), FileHash.Sha256(file));
            });
        }
        catch (AggregateException thrown) when (thrown.InnerException is CheckpointException first)
        {
            throw first;
        }

        return files;
    }

    /// <summary>Whether a folder holds a model or an adapter.</summary>
    internal static bool IsModel(string folder) =>
        File.Exists(Path.Combine(folder, "config.json")) || File.Exists(Path.Combine(folder, "adapter_config.json"));

    private static string[] Names(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new CheckpointException(folder, "is neither a file nor a folder");
        }

        bool isModel = IsModel(folder);
        var names = new List<string>();
        try
        {
            Collect(new DirectoryInfo(folder), string.Empty, isModel, names);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(folder, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }

        names.Sort(StringComparer.Ordinal);
        return [.. names];
    }

    private static void Collect(DirectoryInfo folder, string prefix, bool isModel, List<string> names)
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            string name = prefix + entry.Name;
            if (entry.Name.StartsWith('.') || name == Lineage.FileName)
            {
                continue;
            }

            if (entry is not DirectoryInfo inner)
            {
                if (!isModel || IsLoaded(entry.Name))
                {
                    names.Add(name);
                }
            }
            else if (!isModel && inner.LinkTarget is null)
            {
                Collect(inner, name + "/", isModel, names);
            }

            if (names.Count > MostFiles)
            {
                throw new CheckpointException(folder.FullName, $"is in a folder of more than {MostFiles:N0} files, which is no model and no results");
            }
        }
    }

    private static bool IsLoaded(string name) =>
        name.EndsWith(".safetensors", StringComparison.Ordinal)
        || name is "model.safetensors.index.json" or "config.json" or "generation_config.json" or "adapter_config.json"
            or "tokenizer.json" or "tokenizer.model" or "tokenizer_config.json" or "special_tokens_map.json" or "added_tokens.json"
            or "chat_template.jinja" or "chat_template.json";

    private static long Length(string file)
    {
        // Of a link, as the cache of the hub has them, the file that it leads to.
        var info = new FileInfo(file);
        return info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target.Length : info.Length;
    }
}
