using System.CommandLine;
using System.Diagnostics;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Networks;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary logits</c>: the logits of every position of a prompt, exactly as the network gives them.</summary>
internal sealed class LogitsCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly AdapterInput adapters = AdapterInput.ForUse();
    private readonly TokenInput input = new();
    private readonly Option<string> output = CommonOptions.Output("FILE", "The safetensors file to write.").As(OptionRole.Neutral);
    private readonly Option<string[]> dump = Values.NameList("--dump", "Also write these activations, for example hidden.0,final_norm.");
    private readonly Option<bool> dumpAll = new("--dump-all") { Description = "Also write every named activation." };
    private readonly Option<int> chunk = CommonOptions.Chunk();
    private readonly Option<int> threads = CommonOptions.Threads();
    private readonly Option<bool> sparse = CommonOptions.Sparse();
    private readonly Option<bool> exact = new("--exact") { Description = "Use the exact kernels; logits always does." };
    private readonly Option<bool> roundScale = new("--bf16-scale")
    {
        Description = "Round the scale of the embeddings to bfloat16, as transformers does when it runs in bfloat16.",
    };

    public LogitsCommand()
        : base(
            "logits",
            "Write the logits of every position of a prompt to a safetensors file.",
            "lapidary logits --tokens 2,10,20 -o logits.safetensors",
            "lapidary logits model.gguf --tokens-file ids.txt --dump hidden.0,final_norm -o F.safetensors")
    {
        Arguments.Add(model);
        input.AddTo(this);
        foreach (Option option in new Option[] { output, dump, dumpAll, chunk, threads, exact, sparse, roundScale })
        {
            Options.Add(option);
        }

        adapters.AddTo(this);
    }

    protected override void Execute(Invocation invocation)
    {
        int[] ids = input.Read(invocation, Name);
        string path = ModelLocator.Find(invocation.Get(model)!);
        string target = invocation.Get(output)!;
        OutputPath.CheckFile(target, path);
        using LanguageModel language = LanguageModel.Open(path, new InferenceOptions
        {
            Threads = invocation.Get(threads),
            Exact = true,
            Sparse = invocation.Get(sparse),
            ChunkSize = invocation.Get(chunk),
            RoundEmbeddingScale = invocation.Get(roundScale),
            Adapters = adapters.Read(invocation),
        });
        Gemma3Config config = language.Config;
        TokenInput.CheckVocabulary(ids, config.VocabularySize);
        ContextLimit.For(language.ContextLength, asked: null, ids.Length);
        OutputPath.CheckFile(target, [.. language.Checkpoint.Files, .. language.Options.Adapters.SelectMany(PeftFiles)]);
        ActivationName[] names = Names(invocation, config);

        var watch = Stopwatch.StartNew();
        string[] tensors = [];
        ProgressBar.Run("logits", progress =>
        {
            using InferenceSession session = language.CreateSession(ids.Length);
            using var file = new LogitsFile(target, ids.Length, config, names, invocation.Cancellation, progress);
            session.Observer = names.Length == 0 ? null : file.Observe;
            session.ProcessAll(ids, file.Add);
            file.Complete();
            tensors = [.. file.TensorNames];
        });
        var result = new LogitsResult(
            target, new FileInfo(target).Length, ids.Length, config.VocabularySize, tensors, watch.Elapsed.TotalSeconds);
        invocation.Present(result, ResultJson.Default.LogitsResult, report => report.Line(
            $"{target}: logits [{result.Tokens}, {result.Vocabulary}] F32"
            + $"{(tensors.Length > 1 ? $" and {tensors.Length - 1} activations" : string.Empty)}, {Units.Bytes(result.Bytes)}"));
    }

    private static IEnumerable<string> PeftFiles(AdapterReference adapter) =>
        [Path.Combine(adapter.Folder, PeftAdapter.ConfigFile), Path.Combine(adapter.Folder, PeftAdapter.WeightsFile)];

    private ActivationName[] Names(Invocation invocation, Gemma3Config config)
    {
        ActivationName[] all = [.. ActivationName.All(config.LayerCount)];
        if (invocation.Get(dumpAll))
        {
            return all;
        }

        string[] asked = [.. (invocation.Get(dump) ?? []).Distinct()];
        foreach (string name in asked.Where(name => !all.Any(known => known.ToString() == name)))
        {
            throw new RequestException(
                $"--dump: expected an activation such as hidden.0 to hidden.{config.LayerCount}, layers.0.query or final_norm, "
                + $"found {Quote.Text(name)}{Suggestion.For(name, all.Select(known => known.ToString()))}");
        }

        return [.. all.Where(name => asked.Contains(name.ToString()))];
    }
}
