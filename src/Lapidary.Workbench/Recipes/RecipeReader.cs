using System.Globalization;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Tasks;
using Lapidary.Workbench.Evaluation.Tasks.Yaml;

namespace Lapidary.Workbench.Recipes;

/// <summary>Reads a recipe and finds all that is wrong with it before anything runs.</summary>
public sealed class RecipeReader
{
    private const string CommandKey = "command";
    private const string OutputKey = "output";
    private const int MostSteps = 1000;
    private static readonly string[] TopKeys = ["title", "description", "variables", "steps"];

    private readonly List<RecipeFault> faults = [];
    private readonly Dictionary<string, string> variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RecipeStep> steps = new(StringComparer.Ordinal);
    private readonly HashSet<string> stepNames = new(StringComparer.Ordinal);
    private readonly StepCatalog catalog;
    private readonly string path;

    private RecipeReader(string path, StepCatalog catalog)
    {
        this.path = path;
        this.catalog = catalog;
    }

    /// <summary>Reads a recipe.</summary>
    /// <param name="path">A YAML file; paths in it are looked for in its folder first.</param>
    /// <param name="catalog">What steps there are.</param>
    /// <param name="overrides">Values of variables in place of those in the file.</param>
    /// <exception cref="RecipeException">Something in it is wrong; all that was found is named.</exception>
    /// <exception cref="CheckpointException">The file cannot be read or is not YAML.</exception>
    public static Recipe Read(string path, StepCatalog catalog, IReadOnlyDictionary<string, string>? overrides = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(catalog);
        return new RecipeReader(path, catalog).Read(YamlReader.ReadMap(TextOf(path), path), overrides ?? new Dictionary<string, string>());
    }

    private static string TextOf(string path)
    {
        try
        {
            var info = new FileInfo(path);
            return info.Length <= 4L * YamlReader.LongestText
                ? File.ReadAllText(path)
                : throw new CheckpointException(path, $"has {info.Length:N0} bytes, which is no recipe");
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    private Recipe Read(YamlNode root, IReadOnlyDictionary<string, string> overrides)
    {
        CheckKeys(root, TopKeys, "a recipe has no");
        string title = TextOf(root.Find("title")) ?? Path.GetFileNameWithoutExtension(path);
        string description = TextOf(root.Find("description")) ?? string.Empty;
        ReadVariables(root.Find("variables"), overrides);
        if (MapOf(root.Find("steps"), "steps") is { } map)
        {
            if (map.Entries.Count > MostSteps)
            {
                Fault(map, $"expected at most {MostSteps} steps, found {map.Entries.Count}");
            }

            stepNames.UnionWith(map.Entries.Keys);
            foreach ((string name, YamlNode node) in map.Entries.Take(MostSteps))
            {
                ReadStep(name, node);
            }
        }
        else if (root.Find("steps") is null)
        {
            Fault(root, "expected 'steps', a mapping of names to steps, found none");
        }

        IReadOnlyList<RecipeStep> ordered = RecipeOrder.Sort(steps, faults);
        return faults.Count == 0
            ? new Recipe(path, title, variables, ordered) { Description = description }
            : throw new RecipeException(path, faults);
    }

    private void ReadVariables(YamlNode? node, IReadOnlyDictionary<string, string> overrides)
    {
        if (MapOf(node, "variables") is { } map)
        {
            foreach ((string name, YamlNode value) in map.Entries)
            {
                if (!IsName(name))
                {
                    Fault(value, $"expected a variable's name of letters, digits, '-' and '_', found {Quotation.Of(name)}");
                }
                else if (ScalarOf(value) is { } text)
                {
                    variables[name] = text;
                }
                else
                {
                    Fault(value, $"expected a text or a number for the variable '{name}', found {value.Description}");
                }
            }
        }

        foreach ((string name, string value) in overrides)
        {
            if (!variables.ContainsKey(name))
            {
                faults.Add(new RecipeFault(
                    node?.Line ?? 1, $"expected a variable of this recipe in --set, found {Quotation.Of(name)}{NearestName.Hint(name, variables.Keys)}"));
            }

            variables[name] = value;
        }
    }

    private void ReadStep(string name, YamlNode node)
    {
        if (!IsName(name) || name.StartsWith('.'))
        {
            Fault(node, $"expected a step's name of letters, digits, '-' and '_', found {Quotation.Of(name)}");
            return;
        }

        if (variables.ContainsKey(name))
        {
            Fault(node, $"expected another name for the step '{name}', found that of a variable");
        }

        if (MapOf(node, $"the step '{name}'") is not { } map)
        {
            return;
        }

        string? word = TextOf(map.Find(CommandKey));
        StepCommand? command = catalog.Commands.FirstOrDefault(known => known.Name == word);
        if (command is null)
        {
            Fault(
                map.Find(CommandKey) ?? map,
                $"the step '{name}' needs a command, found "
                + (word is null ? "none" : Quotation.Of(word) + NearestName.Hint(word, catalog.Commands.Select(known => known.Name))));
            return;
        }

        CheckKeys(map, [CommandKey, OutputKey, .. command.Options.Select(option => option.Name)], $"{command.Name} has no");
        var settings = new List<RecipeSetting>();
        var needs = new List<string>();
        foreach ((string key, YamlNode value) in map.Entries)
        {
            if (value.Kind != YamlKind.Null
                && command.Options.FirstOrDefault(option => option.Name == key) is { } option
                && ReadSetting(option, value, needs) is { } setting)
            {
                settings.Add(setting);
            }
        }

        foreach (StepOption missing in command.Options.Where(option => option.IsRequired && map.Find(option.Name) is null))
        {
            Fault(map, $"the step '{name}' needs '{missing.Name}', found none");
        }

        var step = new RecipeStep(name, command, settings, map.Line)
        {
            Needs = [.. needs.Distinct()],
            Outputs = OutputsOf(name, command, settings, map.Find(OutputKey)),
        };
        steps.Add(name, step);
        CheckLine(step);
    }

    private RecipeSetting? ReadSetting(StepOption option, YamlNode node, List<string> needs)
    {
        if (option.Value == StepValue.Flag)
        {
            if (node.Kind != YamlKind.Boolean)
            {
                Fault(node, $"expected true or false for '{option.Name}', found {node.Description}");
                return null;
            }

            return node.Boolean ? new RecipeSetting(option, [], node.Line)
                : option.CanStandAlone ? new RecipeSetting(option, ["false"], node.Line) : null;
        }

        if (option.CanStandAlone && node.Kind == YamlKind.Boolean)
        {
            return node.Boolean ? new RecipeSetting(option, [], node.Line) : null;
        }

        bool isMany = option.Value is StepValue.Texts or StepValue.Words;
        if (node.Kind == YamlKind.List && !isMany)
        {
            Fault(node, $"expected one value for '{option.Name}', found {node.Description}");
            return null;
        }

        var values = new List<string>();
        foreach (YamlNode item in node.Kind == YamlKind.List ? node.Items : [node])
        {
            if (ScalarOf(item) is not { } text)
            {
                Fault(item, $"expected {Expected(option)} for '{option.Name}', found {item.Description}");
                return null;
            }

            if (Expand(text, item, needs) is not { } expanded)
            {
                return null;
            }

            values.Add(InFolder(option, expanded, item));
        }

        return values.Count == 0 ? null
            : new RecipeSetting(option, option.Value == StepValue.Words ? [string.Join(',', values)] : values, node.Line);
    }

    // Variables are filled in; an output of a step stays for the run to fill in.
    private string? Expand(string text, YamlNode node, List<string> needs) =>
        RecipeText.Expand(text, name =>
        {
            if (variables.TryGetValue(name, out string? value))
            {
                return value;
            }

            if (stepNames.Contains(name))
            {
                needs.Add(name);
                return RecipeText.Reference(name);
            }

            Fault(node, $"expected a variable or a step in ${{...}}, found {Quotation.Of(name)}{NearestName.Hint(name, variables.Keys.Concat(stepNames))}");
            return null;
        });

    // Paths are meant from the recipe's folder, names of models and data sets as they are; what is missing is said now.
    private string InFolder(StepOption option, string value, YamlNode node)
    {
        if (option.Input == StepInput.None || RecipeText.HasReference(value))
        {
            return value;
        }

        int sign = option.Input == StepInput.NamedPath ? value.IndexOf('=', StringComparison.Ordinal) + 1 : 0;
        string beside = Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, value[sign..]);
        string found = File.Exists(beside) || Directory.Exists(beside) ? value[..sign] + beside : value;
        try
        {
            _ = catalog.FindInput(option.Input, found);
        }
        catch (CheckpointException missing)
        {
            Fault(node, $"'{option.Name}': {missing.Message}");
        }

        return found;
    }

    private IReadOnlyList<string> OutputsOf(string name, StepCommand command, List<RecipeSetting> settings, YamlNode? output)
    {
        string document = name + ".json";
        if (output is null)
        {
            return settings.Exists(setting => setting.Option.Name == command.FolderOption)
                ? [name, document]
                : [.. command.Extensions.Select(extension => name + extension), document];
        }

        string? given = TextOf(output);
        if (given is null || !IsName(given) || given.StartsWith('.') || command.Extensions.Count != 1)
        {
            Fault(output, command.Extensions.Count == 1
                ? $"expected a name without folders for 'output', found {output.Description}"
                : $"expected no 'output', which {command.Name} does not have, found {output.Description}");
            return [document];
        }

        return [given, document];
    }

    // What the command itself thinks of the options: the types and bounds of numbers, words that are none.
    private void CheckLine(RecipeStep step)
    {
        foreach (RecipeSetting setting in step.Settings)
        {
            string[] line = [step.Command.Name, .. RecipeText.Arguments(setting, value => RecipeText.HasReference(value) ? "x" : value)];
            string name = setting.Option.IsArgument ? setting.Option.Name : "--" + setting.Option.Name;
            if (catalog.Check(line).FirstOrDefault(fault => fault.StartsWith(name + ":", StringComparison.Ordinal)) is { } sentence)
            {
                faults.Add(new RecipeFault(setting.Line, $"'{setting.Option.Name}':{sentence[(name.Length + 1)..]}"));
            }
        }
    }

    private void CheckKeys(YamlNode map, IReadOnlyList<string> known, string what)
    {
        foreach ((string key, YamlNode value) in map.Entries)
        {
            if (!known.Contains(key))
            {
                Fault(value, $"{what} {Quotation.Of(key)}{NearestName.Hint(key, known)}");
            }
        }
    }

    private YamlNode? MapOf(YamlNode? node, string what)
    {
        if (node is null or { Kind: YamlKind.Map })
        {
            return node;
        }

        Fault(node, $"expected a mapping for {what}, found {node.Description}");
        return null;
    }

    private string? TextOf(YamlNode? node)
    {
        string? text = node is null ? null : ScalarOf(node);
        if (node is not null && text is null)
        {
            Fault(node, $"expected a text, found {node.Description}");
        }

        return text;
    }

    private static string? ScalarOf(YamlNode node) => node.Kind switch
    {
        YamlKind.Text => node.Text,
        YamlKind.Integer => node.Integer.ToString(CultureInfo.InvariantCulture),
        YamlKind.Float => node.Number.ToString("R", CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Expected(StepOption option) => option.Value switch
    {
        StepValue.Integer => "a whole number",
        StepValue.Number => "a number",
        StepValue.Text => "a text",
        _ => "texts",
    };

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 100 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private void Fault(YamlNode node, string sentence) => faults.Add(new RecipeFault(node.Line, sentence));
}
