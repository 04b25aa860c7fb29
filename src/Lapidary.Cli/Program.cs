namespace Lapidary.Cli;

/// <summary>The process: everything of interest begins in <see cref="Tool"/>.</summary>
internal static class Program
{
    private static int Main(string[] arguments) => Tool.Run(arguments);
}
