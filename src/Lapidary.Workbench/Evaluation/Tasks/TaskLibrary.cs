using System.IO.Enumeration;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Tasks.Configuration;

namespace Lapidary.Workbench.Evaluation.Tasks;

/// <summary>
/// The tasks that come along and those of folders of task files in lm-evaluation-harness's form. A name in a folder wins over the same
/// name before it. Not to be used from several threads at once.
/// </summary>
public sealed class TaskLibrary
{
    /// <summary>How all names are seen.</summary>
    internal const string SeeAll = "'lapidary eval --tasks list' shows all";

    private readonly TaskFiles files = new();
    private readonly TaskIndex index;

    private TaskLibrary()
    {
        index = new TaskIndex(files);
    }

    /// <summary>Why files of the folders were passed over, the first hundred.</summary>
    public IReadOnlyList<CheckpointException> Faults => index.Faults;

    /// <summary>All names, in their order.</summary>
    public IReadOnlyList<TaskListing> Listing
    {
        get
        {
            IEnumerable<TaskListing> own = index.Entries.Select(entry => new TaskListing(
                entry.Key, TaskTreeBuilder.IsGroup(entry.Value) ? TaskEntryKind.Group : TaskEntryKind.Task, entry.Value.File));
            IEnumerable<TaskListing> tags = index.Tags()
                .Where(tag => !index.Entries.ContainsKey(tag.Key))
                .Select(tag => new TaskListing(tag.Key, TaskEntryKind.Tag, index.Entries[tag.Value[0]].File));
            return [.. own.Concat(tags).OrderBy(listing => listing.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>Opens the library.</summary>
    /// <param name="includePaths">Folders of further task files.</param>
    /// <exception cref="CheckpointException">A path is no folder.</exception>
    public static TaskLibrary Open(IReadOnlyList<string> includePaths)
    {
        ArgumentNullException.ThrowIfNull(includePaths);
        var library = new TaskLibrary();
        foreach (string file in TaskFiles.BuiltIn.Where(file => file.EndsWith(".yaml", StringComparison.Ordinal)))
        {
            library.index.AddFile(file);
        }

        foreach (string path in includePaths)
        {
            library.index.AddFolder(path);
        }

        return library;
    }

    /// <summary>The tasks and groups of names.</summary>
    /// <param name="names">
    /// Names of tasks, groups or tags, patterns of them with <c>*</c> and <c>?</c>, or paths of task files.
    /// </param>
    /// <exception cref="ArgumentException">A name stands for nothing, or one task is asked for twice with different settings.</exception>
    /// <exception cref="CheckpointException">A task file cannot be used.</exception>
    public TaskSelection Select(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        IReadOnlyDictionary<string, IReadOnlyList<string>> tags = index.Tags();
        var chosen = new List<string>();
        foreach (string name in names.Select(name => name.Trim()).Where(name => name.Length > 0))
        {
            IReadOnlyList<string> found = Match(name, tags);
            if (found.Count == 0)
            {
                string hint = NearestName.Hint(name, index.Entries.Keys.Concat(tags.Keys), SeeAll);
                string passed = Faults.Count == 0 ? string.Empty : $"; {Faults.Count} files were passed over, the first because: {Faults[0].Message}";
                throw new ArgumentException($"No task, group or tag is called {Quotation.Of(name)}{hint}{passed}.");
            }

            chosen.AddRange(found);
        }

        // A file that was named by its path may have brought further tags.
        var builder = new TaskTreeBuilder(files, index.Entries, index.Tags());
        return new TaskSelection([.. chosen.Distinct().SelectMany(builder.Build).Distinct()]);
    }

    private IReadOnlyList<string> Match(string name, IReadOnlyDictionary<string, IReadOnlyList<string>> tags)
    {
        if (index.Entries.ContainsKey(name) || tags.ContainsKey(name))
        {
            return [name];
        }

        if (name.EndsWith(".yaml", StringComparison.Ordinal) || name.EndsWith(".yml", StringComparison.Ordinal))
        {
            return index.AddFile(Path.GetFullPath(name));
        }

        return !name.AsSpan().ContainsAny('*', '?') ? []
            : [.. index.Entries.Keys.Concat(tags.Keys).Where(known => FileSystemName.MatchesSimpleExpression(name, known, ignoreCase: false)).Distinct().Order(StringComparer.Ordinal)];
    }
}
