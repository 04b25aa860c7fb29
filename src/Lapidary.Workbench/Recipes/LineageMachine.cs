using System.Runtime.InteropServices;
using Lapidary.Workbench.Training;

namespace Lapidary.Workbench.Recipes;

/// <summary>The machine that an artefact was made on; nothing in it names a person or a host.</summary>
/// <param name="System">The operating system.</param>
/// <param name="Architecture">The architecture of the processor.</param>
/// <param name="Processor">The model of the processor, where the system says it.</param>
/// <param name="Processors">How many of them the process could use.</param>
/// <param name="MemoryBytes">The memory that it could use.</param>
public sealed record LineageMachine(string System, string Architecture, string? Processor, int Processors, long MemoryBytes)
{
    /// <summary>This machine.</summary>
    public static LineageMachine Current() => new(
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        ProcessorName(),
        Environment.ProcessorCount,
        MachineMemory.Read().TotalBytes);

    private static string? ProcessorName() => MachineMemory.Lines("/proc/cpuinfo")
        .Select(line => line.Split(':', 2))
        .FirstOrDefault(parts => parts.Length == 2 && parts[0].Trim() == "model name")?[1].Trim();
}
