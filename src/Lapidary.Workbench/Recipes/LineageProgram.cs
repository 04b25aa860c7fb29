using System.Reflection;
using Lapidary.Numerics.Simd;

namespace Lapidary.Workbench.Recipes;

/// <summary>The program that made an artefact.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version, with the commit behind a plus sign where it is known.</param>
/// <param name="ResultVersion">The version of what the command computes: raised when the same options begin to give other results.</param>
/// <param name="Runtime">The runtime under it.</param>
/// <param name="InstructionSet">The instruction set, on which the last bits depend.</param>
public sealed record LineageProgram(string Name, string Version, int ResultVersion, string Runtime, string InstructionSet)
{
    /// <summary>This program.</summary>
    /// <param name="resultVersion">The version of what the command computes.</param>
    public static LineageProgram Current(int resultVersion) => new(
        "lapidary",
        typeof(LineageProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0",
        resultVersion,
        System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
        VectorDispatch.InstructionSet.ToString());
}
