namespace Lapidary.Hub;

/// <summary>How far a download is.</summary>
/// <param name="FilesDone">Files that are complete.</param>
/// <param name="FileCount">Files in all.</param>
/// <param name="BytesDone">Bytes that are on the disk, those that were there before among them.</param>
/// <param name="ByteCount">Bytes in all.</param>
/// <param name="BytesReceived">Bytes that came over the network, those that had to be thrown away among them.</param>
public sealed record HubProgress(int FilesDone, int FileCount, long BytesDone, long ByteCount, long BytesReceived);
