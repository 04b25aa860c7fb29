using System.Text;

namespace Lapidary.Hub;

/// <summary>Names of files and revisions, which the hub or the user gives and which become paths in the cache.</summary>
internal static class HubPath
{
    private const int Longest = 1024;
    private const int MostSegments = 32;

    // What a file system takes for one name.
    private const int LongestSegment = 255;

    /// <summary>Whether a path leads to a place below the folder that it is taken from, on every system.</summary>
    public static bool IsInside(string path) =>
        path.Length is > 0 and <= Longest
        && !path.AsSpan().ContainsAny('\\', ':')
        && !path.Any(char.IsControl)
        && path.Split('/') is { Length: <= MostSegments } segments
        && segments.All(IsSegment);

    /// <summary>Whether a text is the name of a commit.</summary>
    public static bool IsCommit(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigitLower);

    // Windows drops dots and spaces at the end of a name, so ".. " would be a way up there.
    private static bool IsSegment(string segment) =>
        segment.Length > 0 && segment[^1] is not ('.' or ' ') && Encoding.UTF8.GetByteCount(segment) <= LongestSegment;
}
