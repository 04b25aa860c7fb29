namespace Lapidary.Networks;

/// <summary>
/// A value that flows through a network, [tokens, width] in float32: a handle into memory that the executor owns. A network passes
/// handles on and never reads what they stand for.
/// </summary>
/// <param name="Id">The executor's own number for the value.</param>
public readonly record struct Activation(int Id);
