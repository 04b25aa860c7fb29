using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Lapidary.Workbench.Evaluation.CodeExecution;

/// <summary>
/// Runs Python programs that a model wrote, each in a process of its own that can do nothing but compute: in namespaces without a network,
/// without the files of the machine but for those of the system, which it cannot write, as nobody where this process belongs to root, with
/// limits on memory, time, files and processes, and ended with all of its children after three seconds. What makes the sandbox are
/// the programs of util-linux. Linux alone has it; programs must never be run where there is none.
/// </summary>
internal sealed class CodeSandbox
{
    /// <summary>How long a program may take, from the start of its process.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private const int MostCharacters = 1_000_000;

    // The system's own interpreters alone: nothing of a home folder is to be seen inside.
    private static readonly string[] Interpreters = ["/usr/bin/python3", "/usr/local/bin/python3"];
    private static readonly string[] ToolFolders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    private readonly Dictionary<string, string> tools;
    private readonly string interpreter;

    private CodeSandbox(Dictionary<string, string> tools, string interpreter)
    {
        this.tools = tools;
        this.interpreter = interpreter;
    }

    /// <summary>Finds what a sandbox needs and tries it out with programs that must pass and that must not.</summary>
    /// <param name="whyNot">What is missing, as one sentence, where the result is null; else empty.</param>
    /// <returns>The sandbox, or null where programs cannot be run safely or at all.</returns>
    public static CodeSandbox? TryCreate(out string whyNot)
    {
        if (!OperatingSystem.IsLinux())
        {
            whyNot = "the sandbox for programs needs the namespaces of Linux, and this system has none";
            return null;
        }

        var tools = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string tool in SandboxScript.Tools)
        {
            if (ToolFolders.Select(folder => $"{folder}/{tool}").FirstOrDefault(File.Exists) is not { } path)
            {
                whyNot = $"the sandbox for programs needs the program {tool}, which is not in {string.Join(", ", ToolFolders)}";
                return null;
            }

            tools[tool] = path;
        }

        whyNot = $"Python is not installed where the sandbox for programs sees it ({string.Join(", ", Interpreters)})";
        foreach (string interpreter in Interpreters.Where(File.Exists))
        {
            var sandbox = new CodeSandbox(tools, interpreter);
            if (sandbox.Keeps(out whyNot))
            {
                return sandbox;
            }
        }

        return null;
    }

    /// <summary>
    /// Runs a program and says whether it came to its end within the limits without an error. What it prints is lost, what it reads is
    /// empty.
    /// </summary>
    /// <param name="program">The source text of a Python program.</param>
    /// <exception cref="IOException">
    /// The sandbox could not be made this time, so that nothing is known about the program.
    /// </exception>
    public bool Run(string program)
    {
        if (program.Length > MostCharacters)
        {
            return false;
        }

        bool passes = Run(program, out string complaint);
        return passes || complaint.Length == 0 ? passes
            : throw new IOException($"The sandbox for programs, which was there before, cannot be made any more: {complaint.TrimEnd('.')}.");
    }

    // A sandbox that cannot be set up and one that does not hold are both found out before a model's program is run.
    private bool Keeps(out string whyNot)
    {
        whyNot = string.Empty;
        if (!Run(SandboxScript.Probe, out string complaint))
        {
            string said = complaint.Length > 0 ? $": {complaint}" : string.Empty;
            whyNot = $"a sandbox for programs cannot be made here, because the system does not permit its namespaces or mounts{said}";
            return false;
        }

        if (Run("raise SystemExit(0)", out _))
        {
            whyNot = "the sandbox for programs does not tell one that fails from one that passes";
            return false;
        }

        return true;
    }

    // A program has no way to the error output: what stands there is a complaint of the tools that make the sandbox.
    private bool Run(string program, out string complaint)
    {
        string token = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        using var process = new Process { StartInfo = Command() };
        try
        {
            process.Start();
        }
        catch (Win32Exception thrown)
        {
            complaint = thrown.Message;
            return false;
        }

        long deadline = Stopwatch.GetTimestamp() + (long)(Limit.TotalSeconds * Stopwatch.Frequency);
        try
        {
            // Both outputs are short whatever the program does: it is handed neither of them.
            Task<string> output = Read(process.StandardOutput);
            Task<string> errors = Read(process.StandardError);
            Task written = Write(process, token, program);
            bool isInTime = process.WaitForExit(Left(deadline)) && Task.WaitAll([output, errors, written], Left(deadline));
            complaint = isInTime ? errors.Result.Split('\n', 2)[0].Trim() : string.Empty;
            return isInTime && output.Result.StartsWith(token, StringComparison.Ordinal);
        }
        finally
        {
            End(process);
        }
    }

    private ProcessStartInfo Command()
    {
        var command = new ProcessStartInfo
        {
            FileName = tools["setpriv"],
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = new UTF8Encoding(false),
            StandardErrorEncoding = new UTF8Encoding(false),
            WorkingDirectory = "/",
        };
        foreach (string argument in SandboxScript.Arguments(tools, interpreter, Environment.IsPrivilegedProcess))
        {
            command.ArgumentList.Add(argument);
        }

        // Nothing of this process's environment, which may hold keys; and sets in one order from run to run.
        command.Environment.Clear();
        command.Environment["PATH"] = string.Join(':', ToolFolders);
        command.Environment["LANG"] = "C.UTF-8";
        command.Environment["HOME"] = "/tmp";
        command.Environment["PYTHONHASHSEED"] = "0";
        return command;
    }

    private static async Task Write(Process process, string token, string program)
    {
        try
        {
            await process.StandardInput.WriteAsync($"{token}\n{program}").ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read everything.
        }
    }

    private static async Task<string> Read(StreamReader reader)
    {
        char[] buffer = new char[1024];
        var text = new StringBuilder();
        int read;
        while ((read = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0)
        {
            text.Append(buffer, 0, text.Length < 4096 ? read : 0);
        }

        return text.ToString();
    }

    private static int Left(long deadline) =>
        (int)Math.Max(0, (deadline - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency);

    // The first process of the namespace goes with the one that made it, and takes all others of the namespace with it.
    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }

        process.WaitForExit();
    }
}
