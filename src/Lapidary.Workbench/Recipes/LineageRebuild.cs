using System.Globalization;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Recipes;

/// <summary>
/// Makes an artefact again from its lineage. An input that is still there with the same content is used; one that is not is made again from its
/// own lineage first, and must come out with the same content.
/// </summary>
public sealed class LineageRebuild
{
    private readonly StepCatalog catalog;
    private readonly string path;
    private readonly string folder;
    private readonly List<string> remade = [];
    private int inputs;

    private LineageRebuild(string path, StepCatalog catalog, string folder)
    {
        this.path = path;
        this.catalog = catalog;
        this.folder = folder;
    }

    /// <summary>Makes an artefact again.</summary>
    /// <param name="artefact">A file or a folder with a lineage.</param>
    /// <param name="catalog">How commands are run.</param>
    /// <param name="folder">Where it is made, new or empty: the artefact under its own name, inputs beside it.</param>
    /// <param name="begins">Told the command lines before they are run.</param>
    /// <exception cref="CheckpointException">There is no lineage, or an input is neither there nor can it be made.</exception>
    /// <exception cref="LineageFailedException">A command failed.</exception>
    public static RebuiltArtefact Run(string artefact, StepCatalog catalog, string folder, Action<IReadOnlyList<string>>? begins = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(artefact);
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string source = Lineage.PathOf(artefact);
        Lineage lineage = Lineage.Of(artefact) ?? throw new CheckpointException(source, "is not there; only what has a lineage can be made again");
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new CheckpointException(folder, "is there already where a new or empty folder was expected");
        }

        Directory.CreateDirectory(folder);
        var rebuild = new LineageRebuild(source, catalog, folder);
        string made = rebuild.Make(lineage, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(artefact))), begins);
        return new RebuiltArtefact(made, lineage, Compare(lineage.Files, ContentHash.FilesOf(made)), rebuild.remade);
    }

    private string Make(Lineage lineage, string name, Action<IReadOnlyList<string>>? begins)
    {
        StepCommand command = catalog.Commands.FirstOrDefault(known => known.Name == lineage.Command)
            ?? throw new CheckpointException(path, $"was made by the command '{lineage.Command}', which this program cannot repeat");
        if (command.Extensions.Count != 1)
        {
            throw new CheckpointException(path, $"was made by '{lineage.Command}', which writes no single artefact");
        }

        var arguments = new List<string> { command.Name };
        var named = new List<string>();
        foreach (LineageOption given in lineage.Options)
        {
            // What a stranger's file may ask for is what a recipe may: nothing that writes elsewhere or runs programs.
            StepOption option = command.Options.FirstOrDefault(known => known.Name == given.Name && known.ChangesResult)
                ?? throw new CheckpointException(path, $"has the option '{given.Name}' of {command.Name}, which this program does not repeat");
            var setting = new RecipeSetting(option, [.. given.Values.Select(value => Located(lineage, option, value, begins))], 0);
            (option.IsArgument ? arguments : named).AddRange(RecipeText.Arguments(setting, value => value));
        }

        string output = Path.Combine(folder, name);
        string[] line = [.. arguments, .. named, "--output", output, "--json"];
        begins?.Invoke(line);
        using var printed = new MemoryStream();
        int code = catalog.Run(line, printed);
        return code == 0 ? output : throw new LineageFailedException(path, lineage.Command, code);
    }

    private string Located(Lineage lineage, StepOption option, string value, Action<IReadOnlyList<string>>? begins)
    {
        LineageInput? input = lineage.Inputs.FirstOrDefault(known => known.Option == option.Name && known.Value == value);
        if (option.Input == StepInput.None || input is null)
        {
            return value;
        }

        string? there = ThereAs(option.Input, value);
        if (there is not null && ContentHash.Of(there) == input.Sha256)
        {
            return value;
        }

        string fact = there is null ? "is not there any more" : "has another content now";
        if (input.Lineage is not { } own)
        {
            throw new CheckpointException(path, $"was made from '{value}' ({option.Name}), which {fact} (SHA-256 {input.Sha256}) and has no lineage to make it from");
        }

        // Under the name that it had, which stands in what is made from it: a GGUF file says what its model was called.
        string place = Path.Combine("inputs", (++inputs).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(Path.Combine(folder, place));
        string made = Make(own, Path.Combine(place, NameOf(option.Input, value)), begins);
        if (ContentHash.Of(made) != input.Sha256)
        {
            throw new CheckpointException(path, $"was made from '{value}' ({option.Name}), which {fact}; made again it came out otherwise than it was");
        }

        remade.Add(value);
        return option.Input switch
        {
            StepInput.NamedPath => value[..(value.IndexOf('=', StringComparison.Ordinal) + 1)] + made,
            StepInput.Adapter => made + value[BareAdapter(value).Length..],
            _ => made,
        };
    }

    private static string NameOf(StepInput input, string value) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(input switch
    {
        StepInput.NamedPath => value[(value.IndexOf('=', StringComparison.Ordinal) + 1)..],
        StepInput.Adapter => BareAdapter(value),
        _ => value,
    })));

    // Without its scale: a number behind the last colon.
    private static string BareAdapter(string value) =>
        value.LastIndexOf(':') is int colon and > 0 && double.TryParse(value.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? value[..colon]
            : value;

    private string? ThereAs(StepInput input, string value)
    {
        try
        {
            return catalog.FindInput(input, value) is [{ } single] ? single : null;
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    private static RebuiltFile[] Compare(IReadOnlyList<LineageFile> expected, IReadOnlyList<LineageFile> found)
    {
        if (expected.Count == 1 && found.Count == 1)
        {
            return [new RebuiltFile(expected[0].Name, expected[0].Sha256, found[0].Sha256)];
        }

        return
        [
            .. expected.Select(file => file.Name).Union(found.Select(file => file.Name)).Order(StringComparer.Ordinal).Select(name => new RebuiltFile(
                name,
                expected.FirstOrDefault(file => file.Name == name)?.Sha256,
                found.FirstOrDefault(file => file.Name == name)?.Sha256)),
        ];
    }
}
