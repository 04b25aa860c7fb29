using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Memory;

namespace Lapidary.Numerics.Tests.Formats;

/// <summary>Activations together with the memory that they lie in.</summary>
internal sealed unsafe class PreparedVector : IDisposable
{
    private readonly NativeMemoryBlock numbers;
    private readonly NativeMemoryBlock memory;
    private readonly Activations value;

    public PreparedVector(ActivationLayout layout, ReadOnlySpan<float> x)
    {
        numbers = new NativeMemoryBlock(x.Length * sizeof(float));
        x.CopyTo(new Span<float>(numbers.Pointer, x.Length));
        memory = new NativeMemoryBlock(Activations.BytesFor(layout, x.Length));
        try
        {
            value = Activations.Prepare(layout, (float*)numbers.Pointer, x.Length, memory.Pointer);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ref readonly Activations Value => ref value;

    public void Dispose()
    {
        numbers.Dispose();
        memory.Dispose();
    }
}
