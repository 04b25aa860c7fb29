using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lapidary.Workbench.Evaluation.Data;

/// <summary>
/// What the card of a data set (<c>README.md</c>) says about its files: the list <c>configs</c> of its YAML block, each with
/// <c>config_name</c>, perhaps <c>default: true</c>, and <c>data_files</c>: a pattern, a list of patterns, or a list of
/// <c>split</c> and <c>path</c>. What cannot be understood there is passed over, for the names of the files say the same.
/// </summary>
internal sealed class DatasetCard
{
    private const int MostBytes = 1 << 22;
    private const int MostDepth = 16;
    private const int MostNodes = 200_000;

    // Cards also list the features of every configuration, so the block can be long.
    private readonly List<(string Name, bool IsDefault, Dictionary<string, List<string>> Splits)> configurations = [];

    private DatasetCard()
    {
    }

    /// <summary>The card of a folder; null where there is none that says something.</summary>
    public static DatasetCard? Open(string folder)
    {
        string path = Path.Combine(folder, "README.md");
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            // In the cache of the hub the file is a link, whose own length says nothing.
            using var reader = new StreamReader(path, Encoding.UTF8);
            return reader.BaseStream.Length <= MostBytes ? Parse(reader.ReadToEnd()) : null;
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads a card; null where it says nothing about files.</summary>
    public static DatasetCard? Parse(string text)
    {
        if (!text.StartsWith("---", StringComparison.Ordinal) || text.IndexOf("\n---", StringComparison.Ordinal) is not (> 0 and int end))
        {
            return null;
        }

        try
        {
            int left = MostNodes;
            var parser = new Parser(new StringReader(text[3..end]));
            parser.Consume<StreamStart>();
            parser.Consume<DocumentStart>();
            var card = new DatasetCard();
            card.Add(Node(parser, MostDepth, ref left));
            return card.configurations.Count > 0 ? card : null;
        }
        catch (Exception thrown) when (thrown is YamlException or InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The scanner of the library does not say everything with its own exception.
            return null;
        }
    }

    /// <summary>Patterns of the files of a split; none where the card does not say.</summary>
    public IReadOnlyList<string> Patterns(DatasetRequest request)
    {
        var (name, _, splits) = request.Configuration is { } wanted
            ? configurations.FirstOrDefault(entry => entry.Name == wanted)
            : configurations.FirstOrDefault(entry => entry.IsDefault || configurations.Count == 1 || entry.Name == "default");
        return name is not null && splits.TryGetValue(request.Split, out List<string>? patterns) ? patterns : [];
    }

    private void Add(object? root)
    {
        if (root is not Dictionary<string, object?> card || card.GetValueOrDefault("configs") is not List<object?> entries)
        {
            return;
        }

        foreach (Dictionary<string, object?> entry in entries.OfType<Dictionary<string, object?>>())
        {
            if (entry.GetValueOrDefault("config_name") is string name && entry.TryGetValue("data_files", out object? files))
            {
                configurations.Add((name, entry.GetValueOrDefault("default") is "true", Splits(files)));
            }
        }
    }

    private static Dictionary<string, List<string>> Splits(object? files)
    {
        Dictionary<string, List<string>> splits = new(StringComparer.Ordinal);
        foreach (object? item in files as List<object?> ?? [files])
        {
            (string split, object? paths) = item is Dictionary<string, object?> named
                ? (named.GetValueOrDefault("split") as string ?? "train", named.GetValueOrDefault("path"))
                : ("train", item);
            if (!splits.TryGetValue(split, out List<string>? patterns))
            {
                splits.Add(split, patterns = []);
            }

            patterns.AddRange((paths as List<object?> ?? [paths]).OfType<string>());
        }

        return splits;
    }

    // Events instead of the library's model of a document, whose loading has no bound on depth.
    private static object? Node(Parser parser, int depth, ref int left)
    {
        if (depth == 0 || --left < 0)
        {
            throw new YamlException("The card is nested too deep or too long.");
        }

        if (parser.TryConsume<Scalar>(out Scalar? scalar))
        {
            return scalar.Value;
        }

        if (parser.TryConsume<SequenceStart>(out _))
        {
            List<object?> items = [];
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Node(parser, depth - 1, ref left));
            }

            return items;
        }

        if (parser.TryConsume<AnchorAlias>(out _))
        {
            return null;
        }

        parser.Consume<MappingStart>();
        Dictionary<string, object?> map = new(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            object? key = Node(parser, depth - 1, ref left);
            object? value = Node(parser, depth - 1, ref left);
            if (key is string name)
            {
                map[name] = value;
            }
        }

        return map;
    }
}
