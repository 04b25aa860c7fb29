using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Lapidary.Peers.Tests;

/// <summary>The programs that the tests compare with, each call a process of its own.</summary>
internal static class ExternalProgram
{
    // The comparison asks for exact arithmetic where llama.cpp offers it: its defaults are a half-precision cache and flash attention.
    // One thread: these models are so small that a second one only waits, and for long when the machine has other work.
    private static readonly string[] Precise = ["--kv", "f32", "--fa", "0", "--threads", "1"];

    /// <summary>Runs a program and returns its standard output.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message ends with what it printed.</exception>
    public static string Run(string program, params IEnumerable<string> arguments) =>
        RunOn(string.Empty, new Dictionary<string, string>(), program, arguments);

    /// <summary>Runs a program with a text on standard input and more environment variables, and returns its standard output.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message ends with what it printed.</exception>
    public static string RunOn(
        string input, IReadOnlyDictionary<string, string> environment, string program, params IEnumerable<string> arguments)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            StandardInputEncoding = utf8,
            RedirectStandardOutput = true,
            StandardOutputEncoding = utf8,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task writing = WriteAsync(process.StandardInput, input);
        string output = process.StandardOutput.ReadToEnd();
        writing.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', start.ArgumentList)}: exit code {process.ExitCode}. {errors.GetAwaiter().GetResult()}");
    }

    private static async Task WriteAsync(StreamWriter target, string text)
    {
        await using (target)
        {
            await target.WriteAsync(text);
        }
    }

    /// <summary>llama.cpp's logits [tokens, vocabulary] at every position, F32 cache, no flash attention.</summary>
    public static float[] LlamaLogits(string model, int[] tokens, string scratch)
    {
        string output = Path.Combine(scratch, "logits.f32");
        Run(PeerEnvironment.Peer, ["logits", model, WriteTokens(tokens, scratch), output, .. Precise]);
        return MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(output)).ToArray();
    }

    /// <summary>The <paramref name="count"/> tokens that llama.cpp adds to <paramref name="tokens"/> greedily.</summary>
    public static int[] LlamaGreedy(string model, int[] tokens, int count, string scratch)
    {
        string output = Run(
            PeerEnvironment.Peer,
            ["generate", model, WriteTokens(tokens, scratch), count.ToString(CultureInfo.InvariantCulture), "--ignore-eos", .. Precise]);
        return [.. output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
    }

    /// <summary>Quantizes with llama.cpp; a quantized source is decoded first.</summary>
    public static void LlamaQuantize(string source, string target, string type, bool pure = false) =>
        Run(PeerEnvironment.Peer, ["quantize", source, target, type, "--threads", "1", "--requantize", .. pure ? (string[])["--pure"] : []]);

    /// <summary>Logits of the float64 forward pass of <c>verify_numpy.py</c> over a Hugging Face folder with BF16 weights.</summary>
    public static double[] ExactLogits(string folder, int[] tokens, string scratch)
    {
        const string Program = """
            import sys, numpy
            sys.path.insert(0, sys.argv[1])
            from verify_numpy import forward
            forward(sys.argv[2], numpy.fromfile(sys.argv[3], "<i4")).astype("<f8").tofile(sys.argv[4])
            """;
        string output = Path.Combine(scratch, "exact.f64");
        string tools = Path.GetDirectoryName(PeerEnvironment.Tool("verify_numpy.py"))!;
        // -B: the tools' folder may be read-only or shared.
        Run(PeerEnvironment.Python, "-B", "-c", Program, tools, folder, WriteTokens(tokens, scratch), output);
        return MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(output)).ToArray();
    }

    private static string WriteTokens(int[] tokens, string scratch)
    {
        string path = Path.Combine(scratch, "tokens.i32");
        File.WriteAllBytes(path, MemoryMarshal.AsBytes(tokens.AsSpan()));
        return path;
    }
}
