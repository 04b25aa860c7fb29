namespace Lapidary.Checkpoints.Adapters;

/// <summary>An adapter that is to be used, and how much of it.</summary>
/// <param name="Folder">A folder as PEFT writes it.</param>
/// <param name="Scale">
/// How much of the adapter's change of each weight is taken: 1 for all of it, 0 for none; a negative number turns the change round. A tuned
/// prompt can only be taken whole.
/// </param>
public sealed record AdapterReference(string Folder, float Scale = 1);
