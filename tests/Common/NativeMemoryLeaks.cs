using Lapidary.Numerics.Memory;
using Xunit;

[assembly: AssemblyFixture(typeof(Lapidary.Tests.Common.NativeMemoryLeaks))]

namespace Lapidary.Tests.Common;

/// <summary>Fails the run when a test has left native memory behind.</summary>
public sealed class NativeMemoryLeaks : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        long live = NativeMemoryBlock.LiveCount;
        if (live != 0)
        {
            throw new InvalidOperationException($"{live} blocks of native memory were not freed.");
        }
    }
}
