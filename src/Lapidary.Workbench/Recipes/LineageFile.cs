namespace Lapidary.Workbench.Recipes;

/// <summary>A file of an artefact.</summary>
/// <param name="Name">Its name within the artefact, with '/' between folders.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256 in lower-case hexadecimal digits: what <c>sha256sum</c> prints.</param>
public sealed record LineageFile(string Name, long Bytes, string Sha256);
