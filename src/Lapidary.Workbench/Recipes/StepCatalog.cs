namespace Lapidary.Workbench.Recipes;

/// <summary>What recipes can be made of: the commands of the program and how to call them.</summary>
/// <param name="Commands">The commands.</param>
/// <param name="Check">
/// Looks at a command line without running it: what is wrong with the values of its options, each a sentence that begins with <c>--name:</c>.
/// </param>
/// <param name="FindInput">
/// The files and folders that the value of an option names. Throws <see cref="Checkpoints.CheckpointException"/> where they are missing.
/// </param>
/// <param name="Run">Runs a command line; what it prints as JSON goes into the stream; gives its exit code.</param>
public sealed record StepCatalog(
    IReadOnlyList<StepCommand> Commands,
    Func<IReadOnlyList<string>, IReadOnlyList<string>> Check,
    Func<StepInput, string, IReadOnlyList<string>> FindInput,
    Func<IReadOnlyList<string>, Stream, int> Run);
