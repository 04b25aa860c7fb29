using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Brings the keys or values of all documents into a plane of panels, block by block: the order in which the products of
/// <see cref="DocumentAttention"/> read them, each document apart from its neighbours.
/// </summary>
internal unsafe struct DocumentPackJob : IParallelJob, IParallelVectorKernel
{
    public DocumentPlan Plan;
    public float* Source;
    public float* Plane;

    /// <summary>Whether keys become the columns of the right matrix, else its inner dimension.</summary>
    public bool Transposed;
    private int nextTask;

    public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

    public void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int taskCount = Plan.BlockCount * Plan.KeyHeads;
        for (int task; (task = Interlocked.Increment(ref nextTask) - 1) < taskCount;)
        {
            ref readonly DocumentBlock block = ref Plan[task / Plan.KeyHeads];
            int head = task % Plan.KeyHeads;
            var rows = new GroupedRows(Source, block.FirstRow, Plan.KeyHeads, head, 1, Plan.Dimension);
            float* packed = Plane + Plan.PlaneOffset(in block, head);
            if (Transposed)
            {
                rows.PackRightTransposed<V, TIsa>(block.Tokens, packed);
            }
            else
            {
                rows.PackRight<V, TIsa>(0, block.Tokens, 1, packed, block.PaddedKeys);
            }
        }
    }
}
