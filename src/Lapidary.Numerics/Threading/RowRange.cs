namespace Lapidary.Numerics.Threading;

/// <summary>The consecutive rows that one worker takes when every row costs the same.</summary>
internal readonly struct RowRange
{
    private RowRange(int start, int end)
    {
        Start = start;
        End = end;
    }

    public int Start { get; }

    public int End { get; }

    public static RowRange Of(int worker, int workers, int rows) =>
        new((int)((long)rows * worker / workers), (int)((long)rows * (worker + 1) / workers));
}
