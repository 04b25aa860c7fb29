namespace Lapidary.Tests.Common;

/// <summary>What a server answers.</summary>
/// <param name="Status">The status.</param>
public sealed record ServedAnswer(int Status)
{
    /// <summary>The body; its length is announced.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>Headers, as they are sent.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Bytes of the body after which the connection is cut; null for all.</summary>
    public int? CutAfter { get; init; }

    /// <summary>Called when what is to be sent has been sent, before the connection is closed.</summary>
    public Action? Sent { get; init; }
}
