using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Networks;

/// <content>Writing smaller networks cut from larger ones.</content>
public static partial class CheckpointConverter
{
    /// <summary>
    /// Writes a Hugging Face folder of a network whose tensors are slices of those of another: rows and columns that stay keep their numbers to
    /// the bit, and tokenizer, template and the settings of generation come along. The types of a folder's tensors stay; from a GGUF file
    /// everything gets the type of its embedding. Of a multimodal folder it is the text part.
    /// </summary>
    /// <param name="source">A Gemma 3 folder or GGUF file of plain floats.</param>
    /// <param name="output">Receives the files; its commit names them.</param>
    /// <param name="config">The smaller network; its constants are those of the source.</param>
    /// <param name="slices">Its tensors.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ArgumentException">A slice is not part of its tensor, or the slices are not the tensors of the network.</exception>
    /// <exception cref="CheckpointException">
    /// A tensor is quantized, a number is not finite or does not fit into its type, or the output cannot be written.
    /// </exception>
    public static void WriteSlices(
        Checkpoint source,
        OutputFolder output,
        Gemma3Config config,
        IReadOnlyList<TensorSlice> slices,
        IProgress<ConversionProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(slices);
        TensorDeclaration[] targets = [.. slices.Select(slice => Declare(source, slice))];
        CheckTensors(config, targets);
        RefuseInside(source.Path, output.Path);
        WriteConfiguration(source, output, config);
        using var writer = new CheckpointWriter(output, targets);
        var report = new ProgressReport(progress, targets.Length, targets.Sum(target => target.ByteLength));
        for (int i = 0; i < targets.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Write(source, slices[i], targets[i], writer, cancellationToken);
            report.Done(targets[i].Name, targets[i].ByteLength);
        }

        writer.Complete();
    }

    private static TensorDeclaration Declare(Checkpoint source, TensorSlice slice)
    {
        if (!source.Tensors.TryGetValue(slice.Source, out TensorInfo? info))
        {
            throw new CheckpointException(source.Path, $"has no tensor {slice.Source}");
        }

        if (!info.Type.IsPlainFloat)
        {
            throw new CheckpointException(
                info.File, $"tensor {info.StoredName} is stored as {info.Type} where F32, F16 or BF16 was expected; a network is cut before it is quantized");
        }

        ImmutableArray<long> shape = info.Shape.Length switch
        {
            1 when slice.Rows is null => [Size(slice, slice.Columns, info.Shape[0])],
            2 => [Size(slice, slice.Rows, info.Shape[0]), Size(slice, slice.Columns, info.Shape[1])],
            _ => throw new ArgumentException($"{slice.Source} of {info.Shape.Length} dimensions has no such slice.", nameof(slice)),
        };
        ElementType type = source is GgufCheckpoint ? TypeOfEmbedding(source) : info.Type.ElementType!.Value;
        return new TensorDeclaration(slice.Target, StoredType.Of(type), shape);
    }

    private static long Size(TensorSlice slice, ImmutableArray<int>? kept, long size)
    {
        if (kept is not { } indices)
        {
            return size;
        }

        return indices.Length > 0 && indices.All(index => index >= 0 && index < size)
            ? indices.Length
            : throw new ArgumentException($"{slice.Source} has no such slice along a dimension of {size}.", nameof(slice));
    }

    private static void CheckTensors(Gemma3Config config, TensorDeclaration[] targets)
    {
        Dictionary<string, ImmutableArray<long>> given = targets.ToDictionary(target => target.Name, target => target.Shape, StringComparer.Ordinal);
        int expected = 0;
        foreach ((string name, ImmutableArray<long> shape) in config.ExpectedTensors())
        {
            expected++;
            if (!given.TryGetValue(name, out ImmutableArray<long> found) || !found.AsSpan().SequenceEqual(shape.AsSpan()))
            {
                throw new ArgumentException($"The slices have no {name} of shape {TensorInfo.Describe(shape.AsSpan())}.", nameof(targets));
            }
        }

        if (expected != targets.Length)
        {
            throw new ArgumentException($"There are {targets.Length} slices for {expected} tensors.", nameof(targets));
        }
    }

    private static void WriteConfiguration(Checkpoint source, OutputFolder output, Gemma3Config config)
    {
        ElementType type = TypeOfEmbedding(source);
        JsonObject written = config.ToHuggingFace(type);
        switch (source)
        {
            case HuggingFaceFolder folder:
                if (!folder.Config.TryGetProperty("text_config", out _))
                {
                    written = JsonObject.Create(folder.Config)!;
                    config.PutSizesInto(written);
                }

                foreach (string file in HuggingFaceFolder.TokenizerFiles.Append("generation_config.json").Select(folder.PathOf).Where(File.Exists))
                {
                    output.Copy(file);
                }

                break;
            case GgufCheckpoint gguf:
                output.Write("generation_config.json", WithSampling(config.ToGenerationConfig(), gguf.Gguf));
                if (gguf.HasTokenizer && HasSayableTokenizer(gguf))
                {
                    GgufTokenizerFiles.Read(gguf.Gguf, config.ContextLength).Save(output);
                }

                break;
            default:
                throw new ArgumentException($"A checkpoint of format {source.Format} cannot be cut.", nameof(source));
        }

        output.Write("config.json", written);
    }

    private static void Write(Checkpoint source, TensorSlice slice, TensorDeclaration target, ITensorSink sink, CancellationToken cancellationToken)
    {
        TensorInfo info = source.Tensors[slice.Source];
        Tensor tensor = source.GetTensor(slice.Source);
        ElementType type = target.Type.ElementType!.Value;
        long width = target.Shape[^1];
        bool isNorm = TensorNames.IsNorm(slice.Source);
        double shift = isNorm && !source.NormsIncludeOne ? 1 : 0;
        double back = isNorm ? 1 : 0;
        string when = slice.Gain == 1 ? string.Empty : " after the change of its scale";
        TensorCopy.Write(
            target.Shape.Aggregate(1L, (product, size) => product * size),
            type,
            sink,
            (start, values) =>
            {
                Fill(tensor, slice, width, start, values);
                TensorCopy.Check(values, ElementType.F32, info, string.Empty);
                if (slice.Gain != 1 || shift != back)
                {
                    foreach (ref float value in values)
                    {
                        value = (float)(((value + shift) * slice.Gain) - back);
                    }
                }

                TensorCopy.Check(values, type, info, when);
            },
            cancellationToken);
    }

    // Elements start and following of the slice, row by row.
    private static void Fill(Tensor tensor, TensorSlice slice, long width, long start, Span<float> values)
    {
        float[] row = ArrayPool<float>.Shared.Rent(checked((int)tensor.RowLength));
        try
        {
            for (int done = 0; done < values.Length;)
            {
                (long outer, long first) = Math.DivRem(start + done, width);
                Span<float> piece = values.Slice(done, (int)Math.Min(width - first, values.Length - done));
                tensor.DecodeRow(slice.Rows is { } rows ? rows[(int)outer] : outer, row);
                if (slice.Columns is { } columns)
                {
                    for (int i = 0; i < piece.Length; i++)
                    {
                        piece[i] = row[columns[(int)first + i]];
                    }
                }
                else
                {
                    row.AsSpan((int)first, piece.Length).CopyTo(piece);
                }

                done += piece.Length;
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(row);
        }
    }
}
