namespace Lapidary.Tests.Common;

/// <summary>A tensor for a hand-made safetensors file.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Type">The dtype.</param>
/// <param name="Shape">The dimensions, outermost first.</param>
/// <param name="Data">The bytes.</param>
public sealed record SafetensorsEntry(string Name, string Type, ulong[] Shape, byte[] Data);
