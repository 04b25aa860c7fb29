using Lapidary.Workbench.Evaluation.Data;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>
/// Where the peer is. Nothing of it belongs to the project, so each test asks for what it needs and skips, with the reason, when it is not
/// there; README.md says how to set it up.
/// </summary>
internal static class PeerEnvironment
{
    /// <summary>The driver over llama.cpp's C API.</summary>
    public static string Peer => RequireFile("LLAMA_PEER", "the driver over llama.cpp");

    /// <summary>A Python 3 with numpy.</summary>
    public static string Python => Variable("LAPIDARY_PYTHON") ?? "python3";

    /// <summary>GGUF files of any size to compare as well, separated like PATH.</summary>
    public static string[] ExtraFiles =>
        Variable("LAPIDARY_PEER_FILES")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>The folder of Gemma 3's tokenizer.</summary>
    public static string TokenizerFolder => RequireFolder("GEMMA3_TOKENIZER_DIR", "the folder of Gemma 3's tokenizer.json");

    /// <summary>Folders of texts to tokenize as well, separated like PATH.</summary>
    public static string[] Texts => Variable("LAPIDARY_PEER_TEXTS")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>The data sets of evaluation tasks.</summary>
    public static DatasetLocator EvaluationData =>
        new(RequireFolder("LAPIDARY_EVAL_DATA", "a folder of data sets, as eval takes it with --data-dir"), cacheDirectory: null);

    /// <summary>The folder of the tuned model that comes along.</summary>
    public static string TunedPebble
    {
        get
        {
            for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                string model = Path.Combine(folder, "models", "pebble-it");
                if (Directory.Exists(model))
                {
                    return model;
                }
            }

            Assert.Skip("models/pebble-it: expected above the tests, found no such folder.");
            return string.Empty;
        }
    }

    /// <summary>Node.js.</summary>
    public static string Node
    {
        get
        {
            string name = Variable("LAPIDARY_NODE") ?? "node";
            if (!File.Exists(name) && !IsOnPath(name))
            {
                Assert.Skip($"{name}: expected Node.js on the path, found none.");
            }

            return name;
        }
    }

    /// <summary>
    /// A driver compiled from <c>NAME.c</c> beside the tests against the library and the headers beside <see cref="Peer"/>; skips where there
    /// are none, or no compiler.
    /// </summary>
    public static string CompileDriver(string name, string folder)
    {
        string program = Path.Combine(folder, name);
        if (File.Exists(program))
        {
            return program;
        }

        string peer = Path.GetDirectoryName(Path.GetFullPath(Peer))!;
        string library = Path.Combine(peer, "node_modules", "@node-llama-cpp", "linux-x64", "bins", "linux-x64");
        string headers = Path.Combine(peer, "headers");
        const string Compiler = "gcc";
        foreach (string needed in (ReadOnlySpan<string>)[library, headers])
        {
            if (!Directory.Exists(needed))
            {
                Assert.Skip($"{needed}: expected what {name}.c is compiled with, found no such folder.");
            }
        }

        if (!IsOnPath(Compiler))
        {
            Assert.Skip($"{Compiler}: expected a compiler on the path, found none.");
        }

        string[] shared = [.. Directory.GetFiles(library, "libllama.so*").Concat(Directory.GetFiles(library, "libllama.v*"))
            .Concat(Directory.GetFiles(library, "libggml.v*")).Concat(Directory.GetFiles(library, "libggml.so*"))
            .Concat(Directory.GetFiles(library, "libggml-base.so*"))];
        ExternalProgram.Run(
            Compiler,
            [
                "-O1", "-I" + Path.Combine(headers, "include"), "-I" + Path.Combine(headers, "ggml", "include"),
                $"-DPEER_LIB_DIR=\"{library}\"", Path.Combine(AppContext.BaseDirectory, name + ".c"), "-o", program,
                .. shared, "-Wl,-rpath," + library, "-Wl,--allow-shlib-undefined",
            ]);
        return program;
    }

    /// <summary>Path of one of the peer's Python tools.</summary>
    public static string Tool(string name)
    {
        string folder = RequireFolder("LAPIDARY_PEER_TOOLS", "the folder of make_checkpoint.py, to_gguf.py and verify_numpy.py");
        string path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            Assert.Skip($"{path}: expected one of the peer's tools, found no such file.");
        }

        return path;
    }

    /// <summary>Skips the running test unless everything that random models need is there.</summary>
    public static void RequireModels()
    {
        _ = Peer;
        _ = Tool("make_checkpoint.py");
        _ = TokenizerFolder;
    }

    private static bool IsOnPath(string name) =>
        (Variable("PATH")?.Split(Path.PathSeparator) ?? []).Any(folder => File.Exists(Path.Combine(folder, name)));

    private static string RequireFile(string variable, string what)
    {
        string? path = Variable(variable);
        if (path is null || !File.Exists(path))
        {
            Assert.Skip(path is null ? $"{variable} is not set: it names {what}." : $"{variable} is {path}: no such file.");
        }

        return path;
    }

    private static string RequireFolder(string variable, string what)
    {
        string? path = Variable(variable);
        if (path is null || !Directory.Exists(path))
        {
            Assert.Skip(path is null ? $"{variable} is not set: it names {what}." : $"{variable} is {path}: no such folder.");
        }

        return path;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
