using System.CommandLine;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Inference.Generation;
using Lapidary.Text;

namespace Lapidary.Cli.Commands.Generation;

/// <summary>The model that generates and how it is run.</summary>
internal sealed class ModelInput
{
    private readonly Argument<string> model = CommonOptions.Model(ModelLocator.TunedPebble);
    private readonly AdapterInput adapters = AdapterInput.ForUse();
    private readonly Option<int?> context = CommonOptions.Context();
    private readonly Option<int> chunk = CommonOptions.Chunk();
    private readonly Option<int> threads = CommonOptions.Threads();
    private readonly Option<bool> exact = new("--exact") { Description = "Decode with the kernels of the prompt: slower, the same bits in any batch." };
    private readonly Option<bool> sparse = CommonOptions.Sparse();
    private readonly Option<string> template = Values.Text("--chat-template", "FILE", "Use this Jinja chat template in place of the model's.");

    /// <summary>Adds the argument and the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(model);
        adapters.AddTo(command);
        foreach (Option option in new Option[] { context, chunk, threads, exact, sparse, template })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The model as the user named it.</summary>
    public string Name(Invocation invocation) => invocation.Get(model)!;

    /// <summary>The model and its adapters, as messages name them.</summary>
    public string Title(Invocation invocation) => adapters.Title(invocation, Name(invocation));

    /// <summary>The adapters, as reports name them; null where there are none.</summary>
    public IReadOnlyList<AdapterResult>? Adapters(Invocation invocation) => adapters.Report(invocation);

    /// <summary>The length of the context that was asked for, or null for the model's.</summary>
    public int? Context(Invocation invocation) => invocation.Get(context);

    /// <summary>Opens the network alone, for token ids.</summary>
    public LanguageModel OpenNetwork(Invocation invocation) => OpenNetwork(invocation, ModelLocator.Find(Name(invocation)));

    /// <summary>Opens the network with its tokenizer and its template.</summary>
    /// <exception cref="RequestException">The model has no tokenizer, or the context is longer than the model's.</exception>
    /// <exception cref="CheckpointException">A file is not valid.</exception>
    public TextGenerator OpenText(Invocation invocation)
    {
        string path = ModelLocator.Find(Name(invocation));

        // A vocabulary of 262,144 pieces takes as long to read as everything else together: both at once.
        Task<Tokenizer>? tokenizer = Tokenizer.Exists(path) ? Task.Run(() => Tokenizer.Open(path)) : null;
        LanguageModel network = OpenNetwork(invocation, path);
        try
        {
            if (tokenizer is null)
            {
                throw RequestException.Expected(
                    path, "a tokenizer (tokenizer.json or tokenizer.model)", "none; without one a model takes token ids: run --tokens");
            }

            int length = ContextLimit.For(network.ContextLength, Context(invocation), promptTokens: 0);
            ChatTemplate? chat = invocation.Get(template) is { } file ? ChatTemplate.ReadFile(file) : ChatTemplate.Find(path);
            return new TextGenerator(
                network,
                tokenizer.GetAwaiter().GetResult(),
                chat,
                new TokenGeneratorOptions { MaxSequences = 1, ContextLength = length },
                ownsModel: true);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private LanguageModel OpenNetwork(Invocation invocation, string path) => LanguageModel.Open(path, new InferenceOptions
    {
        Threads = invocation.Get(threads),
        Exact = invocation.Get(exact),
        Sparse = invocation.Get(sparse),
        ChunkSize = invocation.Get(chunk),
        Adapters = adapters.Read(invocation),
    });
}
