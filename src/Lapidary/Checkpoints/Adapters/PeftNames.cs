namespace Lapidary.Checkpoints.Adapters;

/// <summary>
/// Names of an adapter's tensors: the path of the module in PEFT's wrapper, then what the tensor is (peft/utils/save_and_load.py, without
/// the adapter's own name).
/// </summary>
public static class PeftNames
{
    private const string Prefix = "base_model.model.";
    private static readonly string[] Ends = [".lora_A.weight", ".lora_B.weight", ".lora_magnitude_vector", ".lora_magnitude_vector.weight"];

    /// <summary>The name of A.</summary>
    public static string A(string module) => Prefix + module + Ends[0];

    /// <summary>The name of B.</summary>
    public static string B(string module) => Prefix + module + Ends[1];

    /// <summary>The name of the magnitude.</summary>
    public static string Magnitude(string module) => Prefix + module + Ends[2];

    /// <summary>The module that a tensor belongs to, or null if the name is that of something else.</summary>
    public static string? ModuleOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
        && Ends.FirstOrDefault(end => name.EndsWith(end, StringComparison.Ordinal)) is { } end
        && name.Length > Prefix.Length + end.Length
            ? name[Prefix.Length..^end.Length]
            : null;
}
