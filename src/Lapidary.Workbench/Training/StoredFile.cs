namespace Lapidary.Workbench.Training;

/// <summary>A file of a checkpoint as <c>trainer_state.json</c> lists it.</summary>
/// <param name="Name">The name in the folder of the checkpoint.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256 in lower-case hexadecimal digits: what <c>sha256sum</c> prints.</param>
internal sealed record StoredFile(string Name, long Bytes, string Sha256);
