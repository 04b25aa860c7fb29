using Lapidary.Text.Data.Files;
using Lapidary.Text.Data.Rows;

namespace Lapidary.Text.Data;

/// <content>Reading.</content>
public sealed partial class TrainingData
{
    // Rows are encoded side by side, some at a time: enough to keep all processors busy, little enough to bound the memory.
    private const int RowsAtOnce = 512;
    private const int BytesAtOnce = RowLimit.Bytes;

    /// <summary>
    /// Reads a file of JSON lines, a JSON array, CSV with a header, plain text or Parquet, or a folder of such files in the ordinal order of their
    /// names. Kinds of rows may be mixed in one file, and columns that are not known are ignored. A row that cannot be used is left out and
    /// counted (<see cref="Unusable"/>); the file is read piece by piece, and what comes out does not depend on the number of processors.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">How rows become sequences.</param>
    /// <param name="tokenizer">The model's tokenizer; null is enough for ready ids.</param>
    /// <param name="template">The model's chat template; null is enough for everything but conversations.</param>
    /// <param name="vocabularySize">The rows of the model's embedding: ids from 0 to below it can be used.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="TrainingDataException">
    /// A file cannot be read, is empty, holds something else or has no row that can be used; or its rows need a tokenizer or a chat template
    /// that is not there.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The longest sequence has fewer than 4 tokens, or the vocabulary none.</exception>
    /// <exception cref="OperationCanceledException">The reading was ended.</exception>
    public static TrainingData Load(
        string path,
        TrainingDataOptions options,
        Tokenizer? tokenizer,
        ChatTemplate? template,
        int vocabularySize,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Load(path, DataFile.List(path), options, tokenizer, template, vocabularySize, cancellation);
    }

    /// <summary>Reads files one after the other, as <see cref="Load(string, TrainingDataOptions, Tokenizer?, ChatTemplate?, int, CancellationToken)"/> reads those of a folder.</summary>
    /// <param name="name">What the data are called in <see cref="Path"/>.</param>
    /// <param name="files">The files, at least one.</param>
    /// <param name="options">How rows become sequences.</param>
    /// <param name="tokenizer">The model's tokenizer; null is enough for ready ids.</param>
    /// <param name="template">The model's chat template; null is enough for everything but conversations.</param>
    /// <param name="vocabularySize">The rows of the model's embedding: ids from 0 to below it can be used.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <inheritdoc cref="Load(string, TrainingDataOptions, Tokenizer?, ChatTemplate?, int, CancellationToken)" path="/exception"/>
    public static TrainingData Load(
        string name,
        IReadOnlyList<string> files,
        TrainingDataOptions options,
        Tokenizer? tokenizer,
        ChatTemplate? template,
        int vocabularySize,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(files);
        ArgumentOutOfRangeException.ThrowIfZero(files.Count, nameof(files));
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxLength, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        return Load(
            name,
            files,
            DataFile.Open,
            options.TextUnit,
            file => new RowEncoder(file, options, tokenizer, template, vocabularySize),
            cancellation);
    }

    /// <summary>Reads files, wherever they come from.</summary>
    internal static TrainingData Load(
        string path,
        IReadOnlyList<string> files,
        Func<string, Stream> open,
        TextUnit unit,
        Func<string, RowEncoder> encoderOf,
        CancellationToken cancellation)
    {
        var store = new ExampleStore();
        var counts = new RowCounts();
        foreach (string file in files)
        {
            store.BeginFile(file);
            LoadFile(file, DataFile.Rows(open(file), file, unit, cancellation), encoderOf(file), store, counts, cancellation);
        }

        store.Trim();
        return new TrainingData(path, store, [.. Enumerable.Range(0, store.Count)], counts);
    }

    private static void LoadFile(
        string file, IEnumerable<RawRow> rows, RowEncoder encoder, ExampleStore store, RowCounts counts, CancellationToken cancellation)
    {
        int before = store.Count;
        long unusable = counts.UnusableCount;
        UnusableRow? first = null;
        foreach (RawRow[] some in InPortions(rows))
        {
            foreach (EncodedRow row in Encode(some, encoder, cancellation))
            {
                if (row.Error is not null)
                {
                    throw row.Error;
                }

                if (row.Reason is not null)
                {
                    var refused = new UnusableRow(file, row.Line, row.Reason);
                    first ??= refused;
                    counts.Refuse(refused);
                    continue;
                }

                counts.TruncatedCount += row.IsTruncated ? 1 : 0;
                counts.InexactPromptCount += row.IsInexact ? 1 : 0;
                foreach ((int[] tokens, int[] labels) in row.Examples)
                {
                    store.Add(tokens, labels, row.Line);
                }
            }
        }

        if (store.Count == before)
        {
            unusable = counts.UnusableCount - unusable;
            throw new TrainingDataException(
                file,
                first is null ? "has no row to train on"
                    : $"has no row that can be used: {(unusable == 1 ? "the only one" : $"the first of {unusable}")}, in {DataFile.UnitOf(file)} {first.Line}, {first.Reason}");
        }
    }

    private static IEnumerable<RawRow[]> InPortions(IEnumerable<RawRow> rows)
    {
        var portion = new List<RawRow>(RowsAtOnce);
        long bytes = 0;
        foreach (RawRow row in rows)
        {
            portion.Add(row);
            bytes += row.Size;
            if (portion.Count == RowsAtOnce || bytes >= BytesAtOnce)
            {
                yield return [.. portion];
                portion.Clear();
                bytes = 0;
            }
        }

        yield return [.. portion];
    }

    private static EncodedRow[] Encode(RawRow[] rows, RowEncoder encoder, CancellationToken cancellation)
    {
        var encoded = new EncodedRow[rows.Length];
        Parallel.For(
            0, rows.Length, new ParallelOptions { CancellationToken = cancellation }, row => encoded[row] = encoder.Encode(rows[row], cancellation));
        return encoded;
    }
}
