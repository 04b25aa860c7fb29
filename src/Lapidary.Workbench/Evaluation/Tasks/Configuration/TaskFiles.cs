using System.Collections.Concurrent;
using System.Reflection;
using Lapidary.Workbench.Evaluation.Tasks.Yaml;

namespace Lapidary.Workbench.Evaluation.Tasks.Configuration;

/// <summary>
/// Reads task files, each once, and what they include. The files that come along are resources; their paths begin with
/// <see cref="BuiltInRoot"/>, those of all others are full.
/// </summary>
internal sealed class TaskFiles
{
    /// <summary>The folder of the files that come along.</summary>
    public const string BuiltInRoot = "built-in";

    private const string ResourcePrefix = "tasks/";
    private const int LongestChain = 16;
    private const int MostIncluded = 256;

    private static readonly Assembly Owner = typeof(TaskFiles).Assembly;

    // Nodes never change, and what comes along is the same for every library.
    private static readonly ConcurrentDictionary<string, YamlNode> BuiltInNodes = new(StringComparer.Ordinal);

    private readonly Dictionary<string, YamlNode> read = new(StringComparer.Ordinal);

    /// <summary>The task files that come along.</summary>
    public static IEnumerable<string> BuiltIn => Owner.GetManifestResourceNames()
        .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
        .Select(name => $"{BuiltInRoot}/{name[ResourcePrefix.Length..].Replace('\\', '/')}")
        .Order(StringComparer.Ordinal);

    /// <summary>The content of a file as it is written.</summary>
    /// <exception cref="TaskFileException">It cannot be read or is no task file.</exception>
    public YamlNode Read(string path)
    {
        if (IsBuiltIn(path))
        {
            return BuiltInNodes.GetOrAdd(path, static name => YamlReader.ReadMap(ReadText(name), name));
        }

        if (!read.TryGetValue(path, out YamlNode? root))
        {
            root = YamlReader.ReadMap(ReadText(path), path);
            read.Add(path, root);
        }

        return root;
    }

    /// <summary>
    /// A mapping with what it includes: the entries of later files win over those of earlier ones, and its own over both. The name of the
    /// include itself, and a list of tasks in an included file, are left out.
    /// </summary>
    /// <exception cref="TaskFileException">A file cannot be read, or files include each other.</exception>
    public YamlNode Resolve(YamlNode map)
    {
        int included = 0;
        return Resolve(map, [map.File], ref included);
    }

    private YamlNode Resolve(YamlNode map, List<string> chain, ref int included)
    {
        if (map.Find("include") is not { } include)
        {
            return map;
        }

        var entries = new OrderedDictionary<string, YamlNode>(StringComparer.Ordinal);
        IReadOnlyList<YamlNode> names = include.Kind == YamlKind.List ? include.Items : [include];
        foreach (YamlNode name in names)
        {
            string path = PathOf(name);
            if (chain.Contains(path) || chain.Count > LongestChain)
            {
                throw name.Fail($"the file includes itself by way of {Quotation.Of(name.Text)}, or more than {LongestChain} files deep");
            }

            if (++included > MostIncluded)
            {
                throw name.Fail($"more than {MostIncluded} files are included");
            }

            YamlNode root;
            try
            {
                root = Read(path);
            }
            catch (TaskFileException thrown) when (thrown.InnerException is IOException or UnauthorizedAccessException)
            {
                throw name.Fail($"the included file {Quotation.Of(name.Text)} cannot be read", thrown);
            }

            chain.Add(path);
            Merge(entries, Resolve(root, chain, ref included).Entries.Where(entry => entry.Key != "task_list"));
            chain.RemoveAt(chain.Count - 1);
        }

        Merge(entries, map.Entries.Where(entry => entry.Key != "include"));
        return YamlNode.Map(map.File, map.Line, entries);
    }

    private static void Merge(OrderedDictionary<string, YamlNode> entries, IEnumerable<KeyValuePair<string, YamlNode>> over)
    {
        foreach ((string key, YamlNode value) in over)
        {
            entries[key] = value;
        }
    }

    private static string PathOf(YamlNode name)
    {
        if (name.Kind != YamlKind.Text || name.Text.Length == 0 || name.Text.Contains('\0', StringComparison.Ordinal) || Path.IsPathRooted(name.Text))
        {
            throw name.Fail($"the path of a file, relative to this one, was expected as 'include' but {name.Description} was found");
        }

        if (!IsBuiltIn(name.File))
        {
            return Path.GetFullPath(name.Text, Path.GetDirectoryName(name.File)!);
        }

        List<string> parts = [.. name.File.Split('/')[..^1]];
        foreach (string part in name.Text.Split('/'))
        {
            if (part == ".." && parts.Count > 1)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    /// <summary>Whether a path is that of a file that comes along.</summary>
    internal static bool IsBuiltIn(string path) => path.StartsWith(BuiltInRoot + "/", StringComparison.Ordinal);

    /// <summary>The text of a file.</summary>
    /// <exception cref="TaskFileException">It cannot be read, or is larger than <paramref name="mostBytes"/>.</exception>
    internal static string ReadText(string path, int mostBytes = YamlReader.LongestText)
    {
        try
        {
            using Stream stream = IsBuiltIn(path)
                ? Owner.GetManifestResourceStream(ResourcePrefix + path[(BuiltInRoot.Length + 1)..])
                    ?? throw new FileNotFoundException("there is no such file among those that come along")
                : File.OpenRead(path);
            if (stream.Length > mostBytes)
            {
                throw new TaskFileException(path, 1, $"the file has {stream.Length} bytes where at most {mostBytes} were expected");
            }

            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new TaskFileException(
                path, 1, thrown is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : $"the file cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }
}
