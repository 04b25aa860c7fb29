using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Training;

namespace Lapidary.Workbench.Recipes;

/// <summary>
/// A run of a recipe in a folder. What a step writes stands there under the step's name; what was made from the same contents with the same
/// options by the same version of the program is used again. A step that is killed goes on, or is made again, when the recipe is run again.
/// </summary>
public sealed class RecipeRun
{
    private const string StateFolder = ".make";

    private readonly Recipe recipe;
    private readonly StepCatalog catalog;
    private readonly string folder;
    private readonly Dictionary<string, string> hashes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StepState?> states = new(StringComparer.Ordinal);

    /// <summary>Prepares a run; writes nothing yet.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="catalog">How its steps are done.</param>
    /// <param name="folder">The folder of the run: new, empty, or one that a run of a recipe wrote.</param>
    /// <exception cref="CheckpointException">The folder has files in it that no run wrote.</exception>
    public RecipeRun(Recipe recipe, StepCatalog catalog, string folder)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        this.recipe = recipe;
        this.catalog = catalog;
        this.folder = folder;
        if (File.Exists(folder))
        {
            throw new CheckpointException(folder, "is a file where a folder for the run was expected");
        }

        if (Directory.Exists(folder) && !Directory.Exists(Path.Combine(folder, StateFolder)) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new CheckpointException(folder, "has files in it that no run of a recipe wrote; choose another folder with --output");
        }

        foreach (RecipeStep step in recipe.Steps)
        {
            states[step.Name] = StepState.Read(StatePath(step));
        }
    }

    /// <summary>What a run would do now. Behind a step that is made every step that needs it is made too.</summary>
    public IReadOnlyList<StepPlan> Plan()
    {
        var plans = new List<StepPlan>();
        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (RecipeStep step in recipe.Steps)
        {
            StepState? state = states[step.Name];
            string? input = step.Needs.FirstOrDefault(changed.Contains);
            StepPlan plan = input is null
                ? Decide(step, KeyOf(step))
                : new StepPlan(step, StepAction.Make, $"'{input}' is made before it", state?.Seconds);
            if (plan.Action == StepAction.Reuse)
            {
                hashes[step.Name] = OutputHash(step);
            }
            else
            {
                changed.Add(step.Name);
            }

            plans.Add(plan);
        }

        return plans;
    }

    /// <summary>Does what is not done yet.</summary>
    /// <param name="begins">Told before each step what is done with it.</param>
    /// <param name="ends">Told after each step.</param>
    /// <param name="overwrite">Makes a step again whose files were changed by somebody else; otherwise that is an error.</param>
    /// <param name="cancellation">Stops between steps; a step itself is stopped by its own means.</param>
    /// <returns>What became of each step, in the order in which they were done.</returns>
    /// <exception cref="StepFailedException">A step failed; those before it stay done.</exception>
    /// <exception cref="CheckpointException">A file of the run cannot be written, or is not as it was written.</exception>
    public IReadOnlyList<StepOutcome> Run(
        Action<StepPlan>? begins = null, Action<StepOutcome>? ends = null, bool overwrite = false, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(Path.Combine(folder, StateFolder));
        var outcomes = new List<StepOutcome>();
        foreach (RecipeStep step in recipe.Steps)
        {
            cancellation.ThrowIfCancellationRequested();
            string key = KeyOf(step);
            StepPlan plan = Decide(step, key);
            if (!overwrite && states[step.Name] is { IsDone: true } done && plan.Action == StepAction.Make && Changed(done) is { } file)
            {
                throw new CheckpointException(InRun(file), "is not as its step wrote it; --overwrite makes the step again");
            }

            begins?.Invoke(plan);
            if (plan.Action != StepAction.Reuse)
            {
                Make(step, key, plan.Action, cancellation);
            }

            hashes[step.Name] = OutputHash(step);
            StepState state = states[step.Name]!;
            var outcome = new StepOutcome(step, plan.Action, state.Seconds, state.Files.Sum(file => file.Bytes), hashes[step.Name]);
            outcomes.Add(outcome);
            ends?.Invoke(outcome);
        }

        return outcomes;
    }

    private StepPlan Decide(RecipeStep step, string key)
    {
        StepState? state = states[step.Name];
        return state switch
        {
            null => new StepPlan(step, StepAction.Make, string.Empty, null),
            _ when state.Key != key => new StepPlan(step, StepAction.Make, "its inputs or options have changed", state.IsDone ? state.Seconds : null),
            { IsDone: false } when step.Command.CanResume => new StepPlan(step, StepAction.Resume, "it was interrupted", null),
            { IsDone: false } => new StepPlan(step, StepAction.Make, "it was interrupted", null),
            _ when Changed(state) is { } file => new StepPlan(step, StepAction.Make, $"{file} is not as it was written", state.Seconds),
            _ => new StepPlan(step, StepAction.Reuse, string.Empty, state.Seconds),
        };
    }

    private void Make(RecipeStep step, string key, StepAction action, CancellationToken cancellation)
    {
        if (action == StepAction.Make && !step.Command.KeepsOutput)
        {
            // What is there was made by this run from something else, or is half of a step that was killed.
            Clear(step);
        }

        new StepState { Key = key }.Write(StatePath(step));
        var watch = Stopwatch.StartNew();
        string document = InRun(step.Outputs[^1]);
        using (var printed = new MemoryStream())
        {
            int code = catalog.Run(CommandLine(step, action == StepAction.Resume), printed);
            cancellation.ThrowIfCancellationRequested();
            if (code != 0)
            {
                throw new StepFailedException(step, code);
            }

            using var output = new OutputFolder(folder, overwrite: true);
            output.Write(Path.GetFileName(document), printed.ToArray());
            output.Commit();
        }

        states[step.Name] = new StepState
        {
            Key = key,
            IsDone = true,
            Seconds = Math.Round(watch.Elapsed.TotalSeconds, 3),
            PeakBytes = MachineMemory.Read().PeakBytes,
            Files = [.. step.Outputs.SelectMany(FilesOf)],
        };
        states[step.Name]!.Write(StatePath(step));
    }

    private List<string> CommandLine(RecipeStep step, bool resume)
    {
        List<string> line = [step.Command.Name];
        foreach (RecipeSetting setting in step.Settings)
        {
            line.AddRange(RecipeText.Arguments(setting, Filled));
        }

        foreach (string output in step.Outputs.SkipLast(1))
        {
            line.AddRange(["--output", InRun(output)]);
        }

        if (resume)
        {
            line.Add("--resume");
        }

        line.Add("--json");
        return line;
    }

    private string Filled(string value) => RecipeText.Expand(value, name => InRun(StepOf(name).Outputs[0]))!;

    private RecipeStep StepOf(string name) => recipe.Steps.First(step => step.Name == name);

    // In the place of a path stands the hash of what is there: a step does not change when its inputs move.
    private string KeyOf(RecipeStep step)
    {
        var text = new StringBuilder();
        text.Append(step.Command.Name).Append('\n').Append(step.Command.ResultVersion).Append('\n')
            .Append(typeof(RecipeRun).Assembly.GetName().Version).Append('\n').AppendJoin('/', step.Outputs).Append('\n');
        foreach (RecipeSetting setting in step.Settings.Where(setting => setting.Option.ChangesResult).OrderBy(setting => setting.Option.Name, StringComparer.Ordinal))
        {
            text.Append(setting.Option.Name);
            foreach (string value in setting.Values)
            {
                text.Append('=').Append(setting.Option.Input == StepInput.None ? Hashed(value) : InputKey(setting.Option.Input, value));
            }

            text.Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private string Hashed(string value) => RecipeText.Expand(value, name => hashes[name])!;

    private string InputKey(StepInput input, string value)
    {
        string filled = Filled(value);
        string key = filled;
        foreach (string path in catalog.FindInput(input, filled))
        {
            // What a model or a text is called stands in its results, so the name around the path counts, the path itself does not.
            key = key.Replace(path, string.Empty, StringComparison.Ordinal) + "#" + ContentHash.Of(path);
        }

        return key;
    }

    private string OutputHash(RecipeStep step) => ContentHash.Of(InRun(step.Outputs[0]));

    private IEnumerable<StateFile> FilesOf(string output)
    {
        string path = InRun(output);
        bool isFile = File.Exists(path);
        if (!isFile && !Directory.Exists(path))
        {
            throw new CheckpointException(path, "was not written by its step");
        }

        return ContentHash.FilesOf(path).Select(file =>
        {
            string name = isFile ? output : $"{output}/{file.Name}";
            return new StateFile(name, file.Bytes, File.GetLastWriteTimeUtc(InRun(name)).Ticks, file.Sha256);
        });
    }

    private string? Changed(StepState state) => state.Files.FirstOrDefault(file =>
    {
        var info = new FileInfo(InRun(file.Name));
        return !info.Exists
            || info.Length != file.Bytes
            || (info.LastWriteTimeUtc.Ticks != file.Modified && FileHash.Sha256(info.FullName) != file.Sha256);
    })?.Name;

    private void Clear(RecipeStep step)
    {
        foreach (string output in step.Outputs)
        {
            string path = InRun(output);
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }

            File.Delete(path);
            File.Delete(path + "." + Lineage.FileName);
        }
    }

    private string InRun(string name) => Path.Combine(folder, name);

    private string StatePath(RecipeStep step) => Path.Combine(folder, StateFolder, step.Name + ".json");
}
