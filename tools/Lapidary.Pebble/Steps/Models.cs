namespace Lapidary.Pebble.Steps;

/// <summary>What the two models are called, as folders and in tables.</summary>
internal static class Models
{
    /// <summary>The base model.</summary>
    public const string Base = "pebble";

    /// <summary>The tuned model.</summary>
    public const string Tuned = "pebble-it";
}
