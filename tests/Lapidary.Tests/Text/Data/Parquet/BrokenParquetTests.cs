using System.IO.Compression;
using Lapidary.Checkpoints;
using Lapidary.Tests.Common;
using Lapidary.Text.Data.Documents;
using Lapidary.Text.Data.Parquet;
using Shouldly;
using Xunit;
using static Lapidary.Tests.Text.Data.Parquet.ParquetBuilder;

namespace Lapidary.Tests.Text.Data.Parquet;

/// <summary>Files by hand whose parts contradict each other.</summary>
public class BrokenParquetTests
{
    private static readonly byte[] Numbers = [2, 0, 0, 0, 4, 1, 5, 0, 0, 0, 7, 0, 0, 0];

    private static readonly Dictionary<string, (Func<byte[]> Make, string Fragment)> Files = All().ToDictionary(file => file.Name, file => (file.Make, file.Fragment));

    public static TheoryData<string> Names => [.. Files.Keys];

    [Fact]
    public void The_file_that_the_others_are_made_of_is_read()
    {
        Read(new ParquetBuilder().Build()).ShouldBe(["""{"a":5}""", """{"a":7}"""]);
        Read(new ParquetBuilder { Pages = Page(DataHeader(2), [3, 0, 0, 0, 3, 2, 0, 7, 0, 0, 0]) }.Build()).ShouldBe(["""{"a":null}""", """{"a":7}"""]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_cannot_be_is_refused_with_one_sentence(string name)
    {
        (Func<byte[]> make, string fragment) = Files[name];
        byte[] file = make();
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.parquet"], file);
        long before = GC.GetAllocatedBytesForCurrentThread();

        string message = Should.Throw<CheckpointException>(() => DocumentReader.Read(folder["a.parquet"], TestContext.Current.CancellationToken)).Message;

        message.ShouldContain(fragment);
        message.ShouldStartWith(folder["a.parquet"] + ": ");
        message.ShouldNotContain("\n");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000_000);
    }

    // A page of nothing but zeros takes a thousandth of its size in the file, and so do pages that hold no entry.
    [Fact]
    public void What_pages_become_is_bounded_together()
    {
        byte[] zeros = new byte[100_000];
        byte[] empty = Page(DataHeader(0), Compressed(zeros), length: zeros.Length);
        byte[] last = Page(DataHeader(2), Compressed(Numbers), length: Numbers.Length);
        byte[] pages = [.. Enumerable.Repeat(empty, 50).SelectMany(page => page), .. last];
        byte[] file = new ParquetBuilder { Column = (1, 2, 2), Pages = pages }.Build();

        Rows(file, new PageMemory(mostHeld: 100_000)).Count().ShouldBe(2);
        Should.Throw<CheckpointException>(() => Rows(file, new PageMemory(mostHeld: 99_999)).Count()).Message.ShouldContain("in one row group that need more than 99999 bytes");
        Should.Throw<CheckpointException>(() => Rows(file, new PageMemory(mostTotal: 4_000_000)).Count()).Message.ShouldContain("more than 4000000 bytes when decompressed");

        // Columns are decompressed side by side.
        byte[] both = new ParquetBuilder
        {
            Schema = [Element("a", type: 1, repetition: 1), Element("b", type: 1, repetition: 1)],
            RootChildren = 2,
            Columns = 2,
            Column = (1, 2, 2),
            Pages = [.. last, .. last],
            Chunk = (null, last.Length),
        }.Build();
        Rows(both, new PageMemory(mostHeld: 2 * Numbers.Length)).Count().ShouldBe(2);
        Should.Throw<CheckpointException>(() => Rows(both, new PageMemory(mostHeld: (2 * Numbers.Length) - 1)).Count()).Message.ShouldContain("in one row group");

        static IEnumerable<Lapidary.Text.Data.Files.RawRow> Rows(byte[] file, PageMemory memory) =>
            ParquetFile.Open(new MemoryStream(file), "file").Rows(memory, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Old_times_are_read()
    {
        byte[] time = [.. BitConverter.GetBytes((12 * 3600L * 1_000_000_000L) + 1_500_000_000L), .. BitConverter.GetBytes(2_440_588 + 59)];
        Read(new ParquetBuilder { Schema = [Element("a", type: 3)], Column = (3, 0, 1), Rows = (1, 1), Pages = Page(DataHeader(1), time) }.Build())
            .ShouldBe(["""{"a":"1970-03-01T12:00:01.500000000"}"""]);
    }

    [Fact]
    public void Lists_of_old_writers_are_read()
    {
        // A group of two fields, and one that is called "array", are the element themselves.
        byte[] pages = Page(DataHeader(2), [2, 0, 0, 0, 3, 2, 2, 0, 0, 0, 4, 2, 5, 0, 0, 0, 7, 0, 0, 0]);
        Read(new ParquetBuilder
        {
            Schema = [Element("l", repetition: 1, children: 1, converted: 3), Element("array", repetition: 2, children: 1), Element("x", type: 1)],
            Rows = (1, 1),
            Pages = pages,
        }.Build()).ShouldBe(["""{"l":[{"x":5},{"x":7}]}"""]);
        Read(new ParquetBuilder
        {
            Schema = [Element("l", repetition: 1, children: 1, converted: 3), Element("element", type: 1, repetition: 2)],
            Rows = (1, 1),
            Pages = pages,
        }.Build()).ShouldBe(["""{"l":[5,7]}"""]);
    }

    private static IEnumerable<(string Name, Func<byte[]> Make, string Fragment)> All() => [.. OfFooters(), .. OfSchemas(), .. OfPages(), .. OfLevels(), .. OfCodecs()];

    private static (string Name, Func<byte[]> Make, string Fragment) With(string name, Action<ParquetBuilder> change, string fragment) => (
        name,
        () =>
        {
            var builder = new ParquetBuilder();
            change(builder);
            return builder.Build();
        },
        fragment);

    private static (string Name, Func<byte[]> Make, string Fragment) WithPages(string name, byte[] pages, string fragment) => With(name, file => file.Pages = pages, fragment);

    private static IEnumerable<(string Name, Func<byte[]> Make, string Fragment)> OfFooters()
    {
        yield return ("nothing", () => [], "has 0 bytes, which are too few for a Parquet file");
        yield return ("no magic", () => new byte[100], "does not end as a Parquet file does");
        yield return ("encrypted", () => [.. new byte[100], .. "PARE"u8], "has an encrypted footer, which is not read");
        yield return With("footer longer than the file", file => file.FooterLength = 1 << 20, "has a footer of 1048576 bytes where at most");
        yield return With("footer of 4 GB", file => file.FooterLength = -1, "has a footer of 4294967295 bytes");
        yield return With("footer of no bytes", file => file.FooterLength = 0, "has metadata that end in the middle of a value");
        yield return With("footer too short", file => file.FooterLength = 20, "has ");
        yield return With("other number of rows", file => file.Rows = (3, 2), "has 2 rows in its row groups where the footer says 3");
        yield return With("too many rows", file => file.Rows = (1L << 40, 1L << 40), "rows");
        yield return With("negative rows", file => file.Rows = (-1, -1), "has a row group without columns or number of rows");
        yield return With("two columns", file => file.Columns = 2, "has a row group with 2 columns where the schema has 1");
        yield return With("another type", file => file.Column = (2, 0, 2), "has a column of the type Int64 in the codec Uncompressed where the schema has Int32");
        yield return With("unknown codec", file => file.Column = (1, 99, 2), "in the codec 99 where");
        yield return With("offset behind the end", file => file.Chunk = (1 << 20, null), "bytes from byte 1048576 on, of");
        yield return With("negative offset", file => file.Chunk = (-5, null), "bytes from byte -5 on, of");
        yield return With("length of 8 EB", file => file.Chunk = (null, long.MaxValue), "entries in 9223372036854775807 bytes");
        yield return With("other file", file => file.AddToChunk = _ => new ThriftWriter().Text(1, "/etc/passwd"), "keeps its columns in other files, which is not read");
        yield return With(
            "the same pages for all columns",
            file =>
            {
                (file.Columns, file.RootChildren) = (40, 40);
                file.Schema = [.. Enumerable.Range(0, 40).Select(i => Element("c" + i, type: 1, repetition: 1))];
                file.Pages = [.. file.Pages, .. new byte[4000]];
            },
            "in one row group where all of them have");
    }

    private static IEnumerable<(string Name, Func<byte[]> Make, string Fragment)> OfSchemas()
    {
        yield return With("no columns", file => (file.Schema, file.RootChildren) = ([], 0), "has a schema without columns");
        yield return With("more children than there are", file => file.RootChildren = 1 << 30, "has a schema with a group of 1073741824 fields where 1 elements are left");
        yield return With("elements that belong to nothing", file => file.Schema = [Element("a", type: 1), Element("b", type: 1)], "has a schema of 3 elements of which 1 belong to nothing");
        yield return With("group without fields", file => file.Schema = [Element("a", children: 0)], "has a schema with a group of 0 fields");
        yield return With("unknown type", file => file.Schema = [Element("a", type: 8)], "has in the column a the unknown type 8");
        yield return With("unknown repetition", file => file.Schema = [Element("a", type: 1, repetition: 3)], "has a schema with the unknown repetition 3");
        yield return With("name twice", file => (file.Schema, file.RootChildren) = ([Element("a", type: 1), Element("a", type: 1)], 2), "has two columns \"a\" in one group");
        yield return With("name of a megabyte", file => file.Schema = [Element(new string('n', 1 << 20), type: 1)], "has a column whose name is longer than 1024 characters");
        yield return With("values of no bytes", file => file.Schema = [Element("a", type: 7, width: 0)], "has in the column a values of 0 bytes");
        yield return With("values of 2 GB", file => file.Schema = [Element("a", type: 7, width: int.MaxValue)], "has in the column a values of 2147483647 bytes");
        yield return With("text in numbers", file => file.Schema = [Element("a", type: 1, converted: 0)], "says that the column a, which is stored as Int32, holds Text");
        yield return With("deep", file => file.Schema = [.. Enumerable.Repeat(0, 10_000).Select(_ => Element("g", repetition: 1, children: 1)), Element("a", type: 1)], "has a schema that is nested deeper than 15 levels");
        yield return With("deep lists", file => file.Schema = [.. Enumerable.Repeat(0, 10_000).Select(i => Element("g", repetition: i % 2 == 0 ? 1 : 2, children: 1, converted: i % 2 == 0 ? 3 : null)), Element("a", type: 1)], "has a schema that is nested deeper than 15 levels");
        yield return With("deep metadata", file => file.AddToChunk = chunk => chunk.Raw([.. Enumerable.Repeat((byte)0xAC, 100_000)]), "has metadata that are nested deeper than 16 levels");
        yield return With("too many elements", file => file.Schema = [.. Enumerable.Repeat(0, 20_000).Select(i => Element("c" + i, type: 1))], "has a schema of 20001 elements where at most 16384 are read");
    }

    private static IEnumerable<(string Name, Func<byte[]> Make, string Fragment)> OfPages()
    {
        yield return WithPages("no page", [], "has a column a that ends 2 entries before it should");
        yield return WithPages("page behind the end", Page(DataHeader(2), Numbers, compressed: 1 << 30), "has a page of 1073741824 bytes where 14 are left in its column");
        yield return WithPages("page of negative length", Page(DataHeader(2), Numbers, compressed: -1), "has a page of -1 bytes");
        yield return WithPages("decompressed page of 2 GB", Page(DataHeader(2), Numbers, length: int.MaxValue), "has a page of 2147483647 bytes when decompressed where at most 268435456 are read");
        yield return WithPages("decompressed page of another length", Page(DataHeader(2), Numbers, length: 1 << 28), "has a page of 14 bytes that is not compressed where it says 268435456");
        yield return WithPages("more entries than the column", Page(DataHeader(3), Numbers), "has a page of 3 entries where 2 are left in the column a");
        yield return WithPages("fewer entries than the column", Page(DataHeader(1), Numbers), "has a column a that ends 1 entries before it should");
        yield return WithPages("negative entries", Page(DataHeader(-1), Numbers), "has a page of -1 entries");
        yield return WithPages("unknown kind", Page(DataHeader(2), Numbers, kind: 9), "has a page of the unknown kind 9");
        yield return WithPages("unknown encoding", Page(DataHeader(2, encoding: 77), Numbers), "has values of the type Int32 in the encoding 77, which is not read");
        yield return WithPages("no dictionary", Page(DataHeader(2, encoding: 8), Numbers), "has no dictionary for the column a, whose pages refer to one");
        yield return WithPages("two dictionaries", [.. Dictionary(1, [5, 0, 0, 0]), .. Dictionary(1, [5, 0, 0, 0])], "has in the column a a second dictionary, or one of an unknown form");
        yield return WithPages("dictionary of a billion", Dictionary(1 << 30, [5, 0, 0, 0]), "has a dictionary of 1073741824 values in 4 bytes");
        yield return WithPages("index out of range", [.. Dictionary(1, [5, 0, 0, 0]), .. Page(DataHeader(2, encoding: 8), [2, 0, 0, 0, 4, 1, 8, 4, 200])], "has an index 200 into a dictionary of 1 values");
        yield return WithPages("index of 33 bits", [.. Dictionary(1, [5, 0, 0, 0]), .. Page(DataHeader(2, encoding: 8), [2, 0, 0, 0, 4, 1, 33, 4])], "has indices into a dictionary of 33 bits");
        yield return WithPages("values that end", Page(DataHeader(2), Numbers[..^1]), "has a page with a value of 4 bytes where 3 are left");
        yield return WithPages("differences without blocks", Page(DataHeader(2, encoding: 5), [2, 0, 0, 0, 4, 1, 0, 0, 2, 0]), "has packed differences in blocks of 0 with 0 parts");
        yield return WithPages("a billion differences", Page(DataHeader(2, encoding: 5), [2, 0, 0, 0, 4, 1, 0x80, 1, 4, 0x80, 0x80, 0x80, 0x80, 8, 0]), "packed differences in a page of 2 values");
        yield return WithPages("differences of 65 bits", Page(DataHeader(2, encoding: 5), [2, 0, 0, 0, 4, 1, 0x80, 1, 4, 2, 0, 0, 65, 0, 0, 0]), "has packed differences of 65 bits");
    }

    private static IEnumerable<(string Name, Func<byte[]> Make, string Fragment)> OfLevels()
    {
        yield return WithPages("levels that end", Page(DataHeader(2), [1, 0, 0, 0, 2, 1, 5, 0, 0, 0, 7, 0, 0, 0]), "has a page with fewer levels or indices than values");
        yield return WithPages("levels behind the end", Page(DataHeader(2), [0xFF, 0xFF, 0xFF, 0xFF, 4, 1]), "has a page whose levels end before they should");
        yield return WithPages("levels of old", Page(DataHeader(2, levels: 4), Numbers), "which only the oldest writers have and which is not read");
        yield return With(
            "levels above the schema",
            file =>
            {
                file.Schema = [Element("g", repetition: 1, children: 1), Element("a", type: 1, repetition: 1)];
                file.Pages = Page(DataHeader(2), [2, 0, 0, 0, 4, 3, 5, 0, 0, 0, 7, 0, 0, 0]);
            },
            "has in the column g.a the level 3 where at most 2 was expected");
        yield return With(
            "levels of a newer page behind its end",
            file => file.Pages = Page(new ThriftWriter().Int(1, 2).Int(4, 0).Int(5, 1000).Int(6, 0), Numbers, kind: 3),
            "has levels of 0 and 1000 bytes in a page of 14");
        yield return With("more rows than entries", file => file.Rows = (3, 3), "has a column that has fewer rows, or rows of more entries, than its row group says");
        yield return With("fewer rows than entries", file => file.Rows = (1, 1), "has a column that has more rows than its row group says");
        yield return With(
            "row that begins inside of a row",
            file =>
            {
                file.Schema = [Element("a", type: 1, repetition: 2)];
                file.Pages = Page(DataHeader(2), [2, 0, 0, 0, 4, 1, 2, 0, 0, 0, 4, 1, 5, 0, 0, 0, 7, 0, 0, 0]);
            },
            "has a column that has fewer rows, or rows of more entries, than its row group says");
        yield return With(
            "a list of a billion in a few bytes",
            file =>
            {
                file.Schema = [Element("l", repetition: 1, children: 1, converted: 3), Element("list", repetition: 2, children: 1), Element("element", type: 1, repetition: 1)];
                file.Column = (1, 0, 1 << 30);
                file.Rows = (1, 1);
                file.Pages = Page(DataHeader(1 << 30), [8, 0, 0, 0, 2, 0, 0xFE, 0xFF, 0xFF, 0xFF, 7, 1, 6, 0, 0, 0, 0x80, 0x80, 0x80, 0x80, 8, 2]);
            },
            "has a row that has more than 16 MiB, which is more than a row may have");
    }

    private static IEnumerable<(string Name, Func<byte[]> Make, string Fragment)> OfCodecs()
    {
        yield return Codec("LZO", 3, [1, 2, 3], "has pages in the codec Lzo, which is not read");
        yield return Codec("LZ4 of Hadoop", 5, [1, 2, 3], "has pages in the codec HadoopLz4, which is not read");
        yield return Codec("Snappy reference to nothing", 1, [14, 1 << 2, 0, 1, 9, 0], "has a compressed page that refers ");
        yield return Codec("Snappy that ends", 1, [14, 0xF0], "has a page whose Snappy block ends before it should");
        yield return Codec("Snappy that is too long", 1, [14, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF], "has a page whose Snappy block ends before it should");
        yield return Codec("Snappy of fewer bytes", 1, [14, 0, 7], "has a page of 1 bytes when decompressed where it says 14");
        yield return Codec("gzip that is none", 2, [1, 2, 3, 4], "has a page that cannot be decompressed");
        yield return Codec("Brotli that is none", 4, [0xFF, 0xFF, 0xFF, 0xFF], "has a page that cannot be decompressed");
        yield return Codec("Zstandard that is none", 6, [1, 2, 3, 4], "has a page that is no Zstandard frame");
        yield return Codec("Zstandard bomb", 6, [0x28, 0xB5, 0x2F, 0xFD, 0, 0x58, 0x03, 0x00, 0x10, 7], "has a page that is larger than the 14 bytes that it says");
        yield return Codec("LZ4 reference to nothing", 7, [0x10, 1, 9, 0], "has a compressed page that refers 9 bytes back where 1 were");
        yield return Codec("LZ4 of endless length", 7, [0xF0, .. Enumerable.Repeat((byte)255, 1000)], "has a page whose LZ4 block ends before it should");
    }

    private static (string Name, Func<byte[]> Make, string Fragment) Codec(string name, int codec, byte[] page, string fragment) => With(
        name,
        file =>
        {
            file.Column = (1, codec, 2);
            file.Pages = Page(DataHeader(2), page, length: 14);
        },
        fragment);

    private static byte[] Dictionary(int count, byte[] values) => Page(new ThriftWriter().Int(1, count).Int(2, 0), values, kind: 2);

    private static IEnumerable<string> Read(byte[] file) =>
        DocumentReader.Read(new MemoryStream(file), "file", ".parquet", isCompressed: false, TestContext.Current.CancellationToken).Select(document => document.ToJsonString());

    private static byte[] Compressed(byte[] content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.SmallestSize))
        {
            gzip.Write(content);
        }

        return target.ToArray();
    }
}
