using System.Runtime.CompilerServices;
using System.Text;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Lapidary.Text;

namespace Lapidary.Benchmarks;

/// <summary>
/// Opening, encoding and decoding with the tokenizer in the folder that GEMMA3_TOKENIZER_DIR names, or Pebble's. Texts have about a
/// million characters.
/// </summary>
[Config(typeof(Rate))]
[MemoryDiagnoser]
public class TokenizerBenchmarks
{
    private const int Length = 1_000_000;

    private string folder = null!;
    private Tokenizer tokenizer = null!;
    private string text = null!;
    private int[] ids = null!;

    /// <summary>Prose and code of this repository, a long run without a border, and a script in which words have none.</summary>
    [Params("prose", "code", "spaces", "han")]
    public string Text { get; set; } = null!;

    [GlobalSetup]
    public void Setup()
    {
        folder = Environment.GetEnvironmentVariable("GEMMA3_TOKENIZER_DIR") ?? Path.Combine(Root(), "models", "pebble");
        tokenizer = Tokenizer.Open(folder);
        text = TextOf(Text);
        ids = tokenizer.Encode(text);
    }

    [Benchmark]
    public int[] Encode() => tokenizer.Encode(text);

    [Benchmark]
    public string Decode() => tokenizer.Decode(ids);

    [Benchmark]
    public Tokenizer Open() => Tokenizer.Open(folder);

    private static string TextOf(string kind) => kind switch
    {
        "prose" => Repeat(Read(Path.Combine(Root(), "docs"), "*.md")),
        "code" => Repeat(Read(Path.Combine(Root(), "src"), "*.cs")),
        "spaces" => new string(' ', Length),
        _ => string.Concat(Enumerable.Range(0, Length).Select(i => (char)(0x4E00 + (i * 7919 % 4096)))),
    };

    private static string Read(string path, string pattern) => string.Join(
        '\n', Directory.EnumerateFiles(path, pattern, SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(File.ReadAllText));

    private static string Repeat(string part)
    {
        var whole = new StringBuilder();
        while (whole.Length < Length)
        {
            whole.Append(part);
        }

        return whole.ToString(0, Length);
    }

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", ".."));

    private sealed class Rate : ManualConfig
    {
        // Bytes of the text for the two directions; opening has no rate.
        public Rate() => AddColumn(new RateColumn("MB/s", Work));

        private static double Work(BenchmarkCase benchmark) => benchmark.Descriptor.WorkloadMethod.Name == nameof(Open)
            ? double.NaN
            : 1000.0 * Encoding.UTF8.GetByteCount(TextOf(RateColumn.Parameter<string>(benchmark, nameof(Text))));
    }
}
