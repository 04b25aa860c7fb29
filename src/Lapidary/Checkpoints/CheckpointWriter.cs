using System.Text.Json.Nodes;
using Lapidary.Numerics;

namespace Lapidary.Checkpoints;

/// <summary>
/// Writes the weights of a checkpoint into an <see cref="OutputFolder"/>: one file, or several with an index where the tensors are more than
/// a file should hold. Data comes in the order of the declarations, as for <see cref="SafetensorsWriter"/>.
/// </summary>
public sealed class CheckpointWriter : IDisposable, ITensorSink
{
    /// <summary>The size above which Hugging Face's libraries cut a checkpoint into several files.</summary>
    public const long DefaultShardLimit = 5_000_000_000;

    private readonly OutputFolder folder;
    private readonly List<List<TensorDeclaration>> shards;
    private SafetensorsWriter? writer;
    private int shard = -1;
    private long left;

    /// <summary>Begins the weights of a checkpoint.</summary>
    /// <param name="folder">Where the files are staged; its commit names them.</param>
    /// <param name="tensors">What is going to be written, in the order in which it will come.</param>
    /// <param name="shardLimit">Bytes of data that a file holds at most, unless a single tensor is larger.</param>
    public CheckpointWriter(OutputFolder folder, IEnumerable<TensorDeclaration> tensors, long shardLimit = DefaultShardLimit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shardLimit);
        this.folder = folder;
        shards = Cut(tensors, shardLimit);
        NextShard();
        FinishFullShards();
    }

    /// <summary>Adds data to the current tensor, and goes on to the next one when it is full.</summary>
    /// <exception cref="InvalidOperationException">The data is more than the current tensor holds.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public void Write(ReadOnlySpan<byte> data)
    {
        writer!.Write(data);
        Advance(data.Length);
    }

    /// <summary>Writes a whole tensor, which must be the next one that was declared.</summary>
    /// <exception cref="InvalidOperationException">Its size is not the declared one.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public void Write(Tensor tensor)
    {
        writer!.Write(tensor);
        Advance(tensor.ByteLength);
    }

    /// <summary>Flushes the last file and writes the index.</summary>
    /// <exception cref="InvalidOperationException">A declared tensor was not written.</exception>
    /// <exception cref="CheckpointException">A file cannot be written.</exception>
    public void Complete()
    {
        if (shard != shards.Count - 1)
        {
            throw new InvalidOperationException($"{shards.Count - 1 - shard} files of tensors were declared but not written.");
        }

        writer!.Complete();
        if (shards.Count > 1)
        {
            folder.Write(ShardIndex.FileName, Index());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => writer?.Dispose();

    // As transformers does: in order, a new file whenever the next tensor would not fit.
    private static List<List<TensorDeclaration>> Cut(IEnumerable<TensorDeclaration> tensors, long limit)
    {
        List<List<TensorDeclaration>> shards = [[]];
        long size = 0;
        foreach (TensorDeclaration tensor in tensors)
        {
            if (size + tensor.ByteLength > limit && shards[^1].Count > 0)
            {
                shards.Add([]);
                size = 0;
            }

            shards[^1].Add(tensor);
            size += tensor.ByteLength;
        }

        return shards;
    }

    private void Advance(long bytes)
    {
        left -= bytes;
        FinishFullShards();
    }

    // A loop, because a file may hold nothing but empty tensors.
    private void FinishFullShards()
    {
        while (left == 0 && shard < shards.Count - 1)
        {
            writer!.Complete();
            NextShard();
        }
    }

    private void NextShard()
    {
        shard++;
        string name = ShardNames.Of(shard, shards.Count);
        writer = new SafetensorsWriter(Path.Combine(folder.Path, name), folder.Stage(name), shards[shard], null);
        left = shards[shard].Sum(tensor => tensor.ByteLength);
    }

    private JsonObject Index()
    {
        var map = new JsonObject();
        IEnumerable<(string Name, int Shard)> entries = shards.SelectMany((list, i) => list.Select(tensor => (tensor.Name, i)));
        foreach ((string name, int i) in entries.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            map[name] = ShardNames.Of(i, shards.Count);
        }

        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_size"] = shards.Sum(list => list.Sum(tensor => tensor.ByteLength)) },
            ["weight_map"] = map,
        };
    }
}
