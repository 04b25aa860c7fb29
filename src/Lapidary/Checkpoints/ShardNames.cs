using System.Text.RegularExpressions;

namespace Lapidary.Checkpoints;

/// <summary>The names that Hugging Face's libraries give to weight files.</summary>
internal static partial class ShardNames
{
    /// <summary>The file of a checkpoint that fits into one.</summary>
    public const string Single = "model.safetensors";

    /// <summary>The name of one of several files.</summary>
    /// <param name="index">0 for the first.</param>
    /// <param name="count">How many there are.</param>
    public static string Of(int index, int count) => count == 1 ? Single : $"model-{index + 1:D5}-of-{count:D5}.safetensors";

    /// <summary>Whether a file of this name would be read as weights of the model in its folder.</summary>
    public static bool IsWeightFile(string name) => name is Single or ShardIndex.FileName || Shard().IsMatch(name);

    [GeneratedRegex(@"^model-\d{5}-of-\d{5}\.safetensors$", RegexOptions.CultureInvariant)]
    private static partial Regex Shard();
}
