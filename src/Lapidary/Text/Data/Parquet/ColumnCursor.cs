using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Lapidary.Text.Data.Parquet.Compression;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Text.Data.Parquet;

/// <summary>
/// The entries of a column in the rows of a group, one after the other. In memory are the compressed pages of the group, one decompressed
/// page and the dictionary.
/// </summary>
internal sealed class ColumnCursor
{
    // Writers make pages of about a megabyte.
    private const int MostPage = 1 << 28;

    private readonly SchemaLeaf leaf;
    private readonly CompressionCodec codec;
    private readonly ReadOnlyMemory<byte> chunk;
    private readonly PageMemory memory;
    private int position;
    private long pageMemory;
    private long left;
    private long leftInPage;
    private int pageCount;
    private RunDecoder? repetitions;
    private RunDecoder? definitions;
    private ReadOnlyMemory<byte> values;
    private ValueEncoding encoding;
    private ValueDecoder? decoder;
    private RawValue[]? dictionary;

    /// <summary>Goes to the first entry.</summary>
    /// <param name="leaf">The column.</param>
    /// <param name="chunk">What the footer says about it.</param>
    /// <param name="pages">Its pages with their headers.</param>
    /// <param name="memory">Counts what is decompressed.</param>
    /// <exception cref="ParquetException">The first page cannot be read.</exception>
    public ColumnCursor(SchemaLeaf leaf, ColumnChunk chunk, ReadOnlyMemory<byte> pages, PageMemory memory)
    {
        this.memory = memory;
        this.leaf = leaf;
        this.chunk = pages;
        codec = chunk.Codec;
        left = chunk.EntryCount;
        Advance();
    }

    /// <summary>Whether there is no entry left.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>The repetition level of the entry; 0 at the end, where a row would begin.</summary>
    public int Repetition { get; private set; }

    /// <summary>The definition level of the entry.</summary>
    public int Definition { get; private set; }

    /// <summary>Writes the value of the entry, which is there, and goes to the next one.</summary>
    /// <exception cref="ParquetException">The value, or the next entry, cannot be read.</exception>
    public void Write(Utf8JsonWriter json)
    {
        decoder ??= ValueDecoder.Create(encoding, leaf, values, pageCount, dictionary);
        leaf.Format.Write(json, decoder.Next());
        Advance();
    }

    /// <summary>Goes to the next entry from one without a value.</summary>
    /// <exception cref="ParquetException">It has a value, or the next entry cannot be read.</exception>
    public void Skip()
    {
        if (Definition == leaf.MaxDefinition)
        {
            throw new ParquetException($"has in the column {ForeignText.Show(leaf.Path)} a value where another column says that there is none");
        }

        Advance();
    }

    private void Advance()
    {
        if (left == 0)
        {
            IsAtEnd = true;
            Repetition = 0;
            Definition = 0;
            return;
        }

        while (leftInPage == 0)
        {
            NextPage();
        }

        left--;
        leftInPage--;
        Repetition = Level(repetitions, leaf.MaxRepetition);
        Definition = Level(definitions, leaf.MaxDefinition);
    }

    private int Level(RunDecoder? levels, int most)
    {
        uint level = levels?.Next() ?? 0;
        return level <= (uint)most ? (int)level
            : throw new ParquetException($"has in the column {ForeignText.Show(leaf.Path)} the level {level} where at most {most} was expected");
    }

    private void NextPage()
    {
        if (position == chunk.Length)
        {
            throw new ParquetException($"has a column {ForeignText.Show(leaf.Path)} that ends {left} entries before it should");
        }

        var reader = new ThriftReader(chunk.Span[position..]);
        PageHeader header = PageHeader.Read(ref reader);
        position += reader.Position;
        if (header.CompressedLength < 0 || header.CompressedLength > chunk.Length - position)
        {
            throw new ParquetException($"has a page of {header.CompressedLength} bytes where {chunk.Length - position} are left in its column");
        }

        if (header.Length is < 0 or > MostPage)
        {
            throw new ParquetException($"has a page of {header.Length} bytes when decompressed where at most {MostPage} are read");
        }

        ReadOnlyMemory<byte> page = chunk.Slice(position, header.CompressedLength);
        position += header.CompressedLength;
        switch (header.Kind)
        {
            case PageKind.Data:
                BeginPage(header, page);
                break;
            case PageKind.DataV2:
                BeginPageV2(header, page);
                break;
            case PageKind.Dictionary:
                ReadDictionary(header, page);
                break;
            case PageKind.Index:
                break;
            default:
                throw new ParquetException($"has a page of the unknown kind {(int)header.Kind}");
        }
    }

    private void BeginPage(PageHeader header, ReadOnlyMemory<byte> page)
    {
        Begin(header);
        if ((leaf.MaxRepetition > 0 && header.LevelEncodings.Repetition != ValueEncoding.Runs)
            || (leaf.MaxDefinition > 0 && header.LevelEncodings.Definition != ValueEncoding.Runs))
        {
            throw new ParquetException($"has levels in the encoding {header.LevelEncodings.Definition}, which only the oldest writers have and which is not read");
        }

        ReadOnlyMemory<byte> content = Decompress(page, header.Length);
        repetitions = TakeLevels(ref content, leaf.MaxRepetition);
        definitions = TakeLevels(ref content, leaf.MaxDefinition);
        values = content;
    }

    private void BeginPageV2(PageHeader header, ReadOnlyMemory<byte> page)
    {
        Begin(header);
        int repetition = header.RepetitionLength;
        int definition = header.DefinitionLength;
        if (repetition < 0 || definition < 0 || repetition > page.Length || definition > page.Length - repetition || header.Length < repetition + definition)
        {
            throw new ParquetException($"has levels of {repetition} and {definition} bytes in a page of {page.Length}");
        }

        repetitions = Levels(page[..repetition], leaf.MaxRepetition);
        definitions = Levels(page.Slice(repetition, definition), leaf.MaxDefinition);
        ReadOnlyMemory<byte> content = page[(repetition + definition)..];

        // A page without a value may say that it is compressed and hold nothing.
        bool isCompressed = header.IsCompressed && !content.IsEmpty;
        int length = content.IsEmpty ? 0 : header.Length - repetition - definition;
        values = isCompressed ? Decompress(content, length) : PageDecompressor.Decompress(CompressionCodec.Uncompressed, content, length);
    }

    private void Begin(PageHeader header)
    {
        if (header.Count < 0 || header.Count > left)
        {
            throw new ParquetException($"has a page of {header.Count} entries where {left} are left in the column {ForeignText.Show(leaf.Path)}");
        }

        pageCount = header.Count;
        leftInPage = header.Count;
        encoding = header.Encoding;
        decoder = null;
    }

    // The page before is not needed any more.
    private ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> page, int length)
    {
        if (codec != CompressionCodec.Uncompressed)
        {
            memory.Release(pageMemory);
            pageMemory = length;
            memory.Take(length);
        }

        return PageDecompressor.Decompress(codec, page, length);
    }

    private static RunDecoder? TakeLevels(ref ReadOnlyMemory<byte> content, int most)
    {
        if (most == 0)
        {
            return null;
        }

        if (content.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(content.Span) is var length && length > content.Length - 4)
        {
            throw new ParquetException("has a page whose levels end before they should");
        }

        RunDecoder? levels = Levels(content.Slice(4, (int)length), most);
        content = content[(4 + (int)length)..];
        return levels;
    }

    private static RunDecoder? Levels(ReadOnlyMemory<byte> data, int most) => most == 0 ? null : new RunDecoder(data, BitOperations.Log2((uint)most) + 1);

    private void ReadDictionary(PageHeader header, ReadOnlyMemory<byte> page)
    {
        if (dictionary is not null || header.Encoding is not (ValueEncoding.Plain or ValueEncoding.PlainDictionary) || leaf.Type == PhysicalType.Boolean)
        {
            throw new ParquetException($"has in the column {ForeignText.Show(leaf.Path)} a second dictionary, or one of an unknown form");
        }

        // So many values must fit into the bytes before there is an array for them.
        ReadOnlyMemory<byte> content = Decompress(page, header.Length);
        int least = leaf.Type == PhysicalType.ByteArray ? 4 : leaf.Width;
        if (header.Count < 0 || (long)header.Count * least > content.Length)
        {
            throw new ParquetException($"has a dictionary of {header.Count} values in {content.Length} bytes");
        }

        // A dictionary stays as long as its column, beside the pages.
        memory.Take((long)header.Count * Unsafe.SizeOf<RawValue>());
        pageMemory = 0;
        var plain = new PlainDecoder(leaf.Type, leaf.Width, content);
        dictionary = new RawValue[header.Count];
        for (int i = 0; i < dictionary.Length; i++)
        {
            dictionary[i] = plain.Next();
        }
    }
}
