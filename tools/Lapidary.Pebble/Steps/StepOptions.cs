using Lapidary.Pebble.Corpus;

namespace Lapidary.Pebble.Steps;

/// <summary>What the command line asks for.</summary>
/// <param name="Folder">Where everything is made.</param>
/// <param name="Seed">Where the chance of the corpus begins.</param>
/// <param name="Threads">Threads that compute; the results do not depend on them.</param>
/// <param name="Force">Whether steps that are done run again.</param>
internal sealed record StepOptions(string Folder, ulong Seed, int Threads, bool Force)
{
    /// <summary>How large the corpus is.</summary>
    public CorpusSizes Sizes { get; init; } = new();
}
