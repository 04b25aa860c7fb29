namespace Lapidary.Networks;

/// <summary>What sets a layer of Gemma 3 apart from its neighbours.</summary>
/// <param name="Window">How many keys a query sees, itself included, or null for all that came before.</param>
/// <param name="RopeBase">The base of the rotary frequencies.</param>
/// <param name="RopeScale">The factor that positions are divided by; 1 where the context was not stretched.</param>
public readonly record struct LayerSpec(int? Window, double RopeBase, double RopeScale);
