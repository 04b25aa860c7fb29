using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Inference;
using Lapidary.Numerics.Simd;
using Lapidary.Text;
using Lapidary.Workbench.Training;

namespace Lapidary.Workbench.Evaluation.Running;

/// <summary>What decides about a model's numbers: the files of its weights, adapters and tokenizer, and the program that runs them.</summary>
public static class ModelFingerprint
{
    /// <summary>
    /// SHA-256, as lower-case hexadecimal digits, over the hashes of all files, the sizes of the network, the version of this program
    /// and the instruction set, on which the last bits depend.
    /// </summary>
    /// <exception cref="CheckpointException">A file cannot be read.</exception>
    public static string Of(LanguageModel model, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        var text = new StringBuilder();
        text.Append(CheckpointHash.Of(model.Checkpoint)).Append('\n');
        Append(text, Path.Combine(model.Checkpoint.Path, "config.json"));
        Append(text, Path.Combine(model.Checkpoint.Path, "generation_config.json"));
        Append(text, tokenizer.Path);

        // It says what stands around a text, whatever the tokenizer's own file says.
        Append(text, Path.Combine(Path.GetDirectoryName(Path.GetFullPath(tokenizer.Path))!, "tokenizer_config.json"));
        foreach (AdapterReference adapter in model.Options.Adapters)
        {
            text.Append(FileHash.Sha256(Path.Combine(adapter.Folder, PeftAdapter.ConfigFile)))
                .Append(FileHash.Sha256(Path.Combine(adapter.Folder, PeftAdapter.WeightsFile)))
                .Append(adapter.Scale.ToString("R", CultureInfo.InvariantCulture))
                .Append('\n');
        }

        text.Append(model.Options.Exact).Append(model.Options.RoundEmbeddingScale).Append('\n')
            .Append(VectorDispatch.InstructionSet).Append('\n')
            .Append(typeof(LanguageModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static void Append(StringBuilder text, string file) =>
        text.Append(File.Exists(file) ? FileHash.Sha256(file) : "none").Append('\n');
}
