using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Lapidary.Cli.Tests.Processes;

/// <summary>How a run of the tool ended.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error, TimeSpan ProcessorTime, long PeakBytes)
{
    /// <summary>The one JSON document on stdout.</summary>
    public JsonElement Json() => JsonDocument.Parse(Output).RootElement;
}

/// <summary>Runs the tool as users run it: another process, with its own arguments and environment.</summary>
internal static class ToolProcess
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "Lapidary.Cli.dll");

    /// <summary>Runs the tool to its end.</summary>
    public static ToolResult Run(params string[] arguments) => RunWith(new Dictionary<string, string>(), arguments);

    /// <summary>Runs the tool to its end with more environment variables.</summary>
    public static ToolResult RunWith(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        RunToEnd(Start(arguments, environment), arguments);

    /// <summary>Runs the tool to its end with a text on standard input.</summary>
    public static ToolResult RunOn(string input, params string[] arguments) =>
        RunToEnd(Start(arguments, new Dictionary<string, string>(), input), arguments);

    private static ToolResult RunToEnd(Process started, string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        using Process process = started;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        long peak = 0;
        TimeSpan busy = default;
        while (!process.WaitForExit(3))
        {
            // Both only grow, so the last look before the end tells them but for a few milliseconds.
            peak = Math.Max(peak, PeakBytes(process.Id));
            busy = ProcessorTime(process) ?? busy;
            if (watch.Elapsed > TimeSpan.FromMinutes(2))
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"lapidary {string.Join(' ', arguments)} did not end");
            }
        }

        return new ToolResult(process.ExitCode, output.Result, error.Result, busy, peak);
    }

    /// <summary>Starts the tool and leaves it running.</summary>
    public static Process Start(string[] arguments, IReadOnlyDictionary<string, string> environment, string input = "")
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Assembly);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return process;
    }

    // Null if it ended just now.
    private static TimeSpan? ProcessorTime(Process process)
    {
        try
        {
            return process.TotalProcessorTime;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    // Where there is no /proc the answer is 0, and a limit on it holds.
    private static long PeakBytes(int process)
    {
        try
        {
            foreach (string line in File.ReadLines($"/proc/{process}/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                {
                    return long.Parse(line[6..].Replace("kB", string.Empty, StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }

        return 0;
    }
}
