using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;

namespace Lapidary.Pebble.Corpus;

/// <summary>
/// The folder of a corpus while it is written. Files get their names together in <see cref="Commit"/>, the manifest last, so a folder
/// with a manifest is complete.
/// </summary>
internal sealed class CorpusFolder : IDisposable
{
    /// <summary>The folder of the held-out tests inside.</summary>
    public const string Tests = "eval";

    /// <summary>The file with counts and hashes.</summary>
    public const string Manifest = "manifest.json";

    private readonly string path;
    private readonly OutputFolder files;
    private readonly OutputFolder tests;
    private readonly JsonObject entries = [];

    /// <summary>Begins; files of an earlier corpus are replaced in the end.</summary>
    /// <exception cref="CheckpointException">The folder cannot be written to.</exception>
    public CorpusFolder(string path)
    {
        this.path = path;
        files = new OutputFolder(path, overwrite: true);
        tests = new OutputFolder(Path.Combine(path, Tests), overwrite: true);
    }

    /// <summary>Writes a file of rows.</summary>
    public void Write(string name, IEnumerable<byte[]> rows) => Write(files, name, name, rows);

    /// <summary>Writes a held-out test.</summary>
    public void WriteTest(string name, IEnumerable<byte[]> rows) => Write(tests, name, $"{Tests}/{name}", rows);

    /// <summary>Gives everything its name.</summary>
    /// <param name="seed">The seed of the corpus, for the manifest.</param>
    /// <param name="statistics">What was counted in it, for the manifest.</param>
    public JsonObject Commit(ulong seed, JsonObject statistics)
    {
        var manifest = new JsonObject { ["seed"] = seed, ["statistics"] = statistics, ["files"] = entries };
        File.Delete(Path.Combine(path, Manifest));
        foreach (string file in Directory.EnumerateFiles(tests.Path, "*.jsonl").Where(file => !entries.ContainsKey($"{Tests}/{Path.GetFileName(file)}")).ToList())
        {
            // A test of an earlier generator is none of this one.
            File.Delete(file);
        }

        tests.Commit();
        files.Commit();
        using var last = new OutputFolder(path, overwrite: true);
        last.Write(Manifest, manifest);
        last.Commit();
        return manifest;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        tests.Dispose();
        files.Dispose();
    }

    private void Write(OutputFolder folder, string name, string entry, IEnumerable<byte[]> rows)
    {
        List<byte[]> lines = [.. rows];
        byte[] content = new byte[lines.Sum(line => line.Length)];
        int at = 0;
        foreach (byte[] line in lines)
        {
            line.CopyTo(content, at);
            at += line.Length;
        }

        folder.Write(name, content);
        entries[entry] = new JsonObject { ["rows"] = lines.Count, ["bytes"] = content.Length, ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content)) };
    }
}
