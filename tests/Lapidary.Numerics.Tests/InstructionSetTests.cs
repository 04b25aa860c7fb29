using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using Lapidary.Numerics.Simd;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests;

/// <summary>
/// Runs this test program again, without the tests of this class, in child processes whose runtime is told to do without the wider
/// instruction sets: the kernels choose theirs once per process. The names of the switches are those of .NET 10.
/// </summary>
public sealed class InstructionSetTests
{
    private const string ExpectedVariable = "LAPIDARY_EXPECTED_INSTRUCTION_SET";

    [Fact]
    public void This_process_uses_the_instruction_set_that_its_parent_asked_for()
    {
        string? expected = Environment.GetEnvironmentVariable(ExpectedVariable);
        Assert.SkipWhen(expected is null, "This process has no parent that asked for an instruction set.");
        VectorDispatch.InstructionSet.ShouldBe(expected);
    }

    [Theory]
    [InlineData("EnableAVX512", "AVX2")]
    [InlineData("EnableAVX2", "Vector128")]
    [InlineData("EnableHWIntrinsic", "Vector128")]
    public async Task All_tests_pass_without(string feature, string remaining)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(ExpectedVariable) is not null, "A child process starts none of its own.");
        Assert.SkipUnless(Environment.ProcessPath is not null, "The path of this program is not known.");
        Assert.SkipWhen(
            feature == "EnableAVX512" && VectorDispatch.InstructionSet != "AVX-512",
            $"This machine has no AVX-512: this process itself ran the tests with {VectorDispatch.InstructionSet}.");
        Assert.SkipUnless(X86Base.IsSupported, "Only x64 has more than one instruction set to choose from.");

        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using Process child = Start(feature, remaining);
        Task<string> errors = child.StandardError.ReadToEndAsync(cancellation);
        string output = await child.StandardOutput.ReadToEndAsync(cancellation) + await errors;
        await child.WaitForExitAsync(cancellation);
        child.ExitCode.ShouldBe(0, output);
        output.ShouldContain("failed: 0");
    }

    private static Process Start(string feature, string remaining)
    {
        // `dotnet test` starts the program itself; `dotnet exec Lapidary.Numerics.Tests.dll` starts the host.
        string assembly = typeof(InstructionSetTests).Assembly.Location;
        bool isHost = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (isHost)
        {
            start.ArgumentList.Add("exec");
            start.ArgumentList.Add(assembly);
        }

        // Not the theory that starts processes, but the fact that checks the instruction set.
        start.ArgumentList.Add("--filter-not-method");
        start.ArgumentList.Add($"{typeof(InstructionSetTests).FullName}.{nameof(All_tests_pass_without)}");
        start.ArgumentList.Add("--no-ansi");
        start.ArgumentList.Add("--no-progress");
        start.Environment[$"DOTNET_{feature}"] = "0";
        start.Environment[ExpectedVariable] = remaining;
        // What the parent's runner passes to its own process is not meant for a child's.
        const string Foreign = "TESTINGPLATFORM_";
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith(Foreign, StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The child process did not start.");
    }
}
