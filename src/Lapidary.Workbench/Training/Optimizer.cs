using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Moves weights against their gradients. Tensors are added once; each <see cref="Step"/> updates all of them in the order in which
/// they came. Results do not depend on the number of threads.
/// </summary>
public abstract unsafe class Optimizer : IDisposable
{
    private readonly List<(string Name, Tensor Tensor)> state = [];
    private readonly Dictionary<string, Range> stateOf = new(StringComparer.Ordinal);

    /// <summary>Keeps the settings.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    private protected Optimizer(OptimizerOptions options)
    {
        options.Validate();
        Options = options;
    }

    /// <summary>
    /// What is kept between steps, F32 tensors named after the weight: for checkpoints. A run goes on where it was when the same
    /// tensors have been added and what was saved is written into these tensors.
    /// </summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State => state;

    /// <summary>The settings.</summary>
    public OptimizerOptions Options { get; }

    /// <summary>Makes the optimizer that the options name.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    public static Optimizer Create(OptimizerOptions options) => options.Kind switch
    {
        OptimizerKind.AdamW => new AdamW(options),
        OptimizerKind.Adafactor => new Adafactor(options),
        OptimizerKind.Sgd => new Sgd(options),
        _ => throw new ArgumentException($"There is no optimizer number {(int)options.Kind}."),
    };

    /// <summary>Bytes of state that a tensor of this shape, of one or two dimensions, needs.</summary>
    public static long StateBytes(OptimizerKind kind, ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long dimension in shape)
        {
            count = checked(count * dimension);
        }

        return sizeof(float) * (kind switch
        {
            OptimizerKind.AdamW => checked(2 * count),
            OptimizerKind.Adafactor when shape.Length == 2 => checked(shape[0] + shape[1]),
            _ => count,
        });
    }

    /// <summary>Adds weights and allocates what is kept for them, zeroed.</summary>
    /// <param name="name">Name of the weights; the names of the state and the random bits of BF16 weights are made from it.</param>
    /// <param name="value">F32 or BF16 with one or two dimensions; stays with the caller.</param>
    /// <param name="gradient">F32 of the same shape, read by each step; stays with the caller.</param>
    /// <param name="decay">Whether weight decay applies: the custom is to matrices only.</param>
    /// <exception cref="ArgumentException">The name is taken, or a type or shape does not fit.</exception>
    public void Add(string name, Tensor value, Tensor gradient, bool decay)
    {
        if (value.Type is not (ElementType.F32 or ElementType.BF16) || value.IsMapped)
        {
            string found = value.IsMapped ? "a mapped file" : value.Type.ToString();
            throw new ArgumentException($"{name}: weights that are trained are F32 or BF16 in memory, not {found}.");
        }

        if (value.Shape.Length is not (1 or 2))
        {
            throw new ArgumentException($"{name}: weights that are trained have one or two dimensions, not {value.Shape.Length}.");
        }

        if (gradient.Type != ElementType.F32 || !gradient.Shape.AsSpan().SequenceEqual(value.Shape.AsSpan()))
        {
            throw new ArgumentException(
                $"{name}: the gradient must be F32 [{string.Join(", ", value.Shape)}], not "
                + $"{gradient.Type} [{string.Join(", ", gradient.Shape)}].");
        }

        if (stateOf.ContainsKey(name))
        {
            throw new ArgumentException($"{name}: weights of this name have been added before.");
        }

        int before = state.Count;
        AddWeights(name, value, gradient, decay);
        stateOf.Add(name, before..state.Count);
    }

    /// <summary>
    /// Forgets what is kept for the weights that are zero: momentum would move them again. Sums over rows and columns, as Adafactor's,
    /// stay; they move nothing without a gradient.
    /// </summary>
    /// <param name="name">The name under which the weights were added.</param>
    /// <param name="value">The weights.</param>
    /// <param name="pool">Workers that share the elements.</param>
    internal void ForgetZeros(string name, Tensor value, WorkerPool pool)
    {
        (int first, int count) = stateOf[name].GetOffsetAndLength(state.Count);
        foreach ((_, Tensor kept) in state.GetRange(first, count))
        {
            if (kept.Shape.AsSpan().SequenceEqual(value.Shape.AsSpan()))
            {
                ZeroMask.Apply(pool, value, (float*)kept.Data);
            }
        }
    }

    /// <summary>One step of all weights.</summary>
    /// <param name="pool">Workers that share the elements.</param>
    /// <param name="learningRate">The rate of this step.</param>
    /// <param name="gradientScale">Multiplies every gradient as it is read: the factor of clipping, 1 for none.</param>
    /// <param name="step">1 for the first step, 2 for the next.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is not positive.</exception>
    public void Step(WorkerPool pool, double learningRate, double gradientScale, long step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        Update(pool, learningRate, gradientScale, step);
    }

    /// <summary>Frees the state; the weights and gradients belong to the caller.</summary>
    public void Dispose()
    {
        foreach ((_, Tensor tensor) in state)
        {
            tensor.Dispose();
        }

        state.Clear();
        GC.SuppressFinalize(this);
    }

    private protected abstract void Update(WorkerPool pool, double learningRate, double gradientScale, long step);

    private protected abstract void AddWeights(string name, Tensor value, Tensor gradient, bool decay);

    private protected Tensor AddState(string name, params ReadOnlySpan<long> shape)
    {
        var tensor = Tensor.Allocate(ElementType.F32, shape);
        state.Add((name, tensor));
        return tensor;
    }
}
