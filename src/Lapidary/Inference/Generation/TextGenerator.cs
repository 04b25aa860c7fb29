using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Lapidary.Checkpoints;
using Lapidary.Inference.Sampling;
using Lapidary.Text;

namespace Lapidary.Inference.Generation;

/// <summary>
/// Text in, text out: a model with its tokenizer and its chat template. May be used from several threads; requests that come together
/// are generated together.
/// </summary>
public sealed class TextGenerator : IDisposable
{
    private readonly bool ownsModel;

    /// <summary>Puts the parts together.</summary>
    /// <param name="model">The network.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="template">Its chat template, or null for a model that only continues text.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="ownsModel">Whether the model is disposed with this.</param>
    /// <exception cref="CheckpointException">The checkpoint's sampling defaults are wrong.</exception>
    public TextGenerator(
        LanguageModel model, Tokenizer tokenizer, ChatTemplate? template, TokenGeneratorOptions? options = null, bool ownsModel = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        Model = model;
        Tokenizer = tokenizer;
        Template = template;
        Defaults = GenerationDefaults.Read(model.Checkpoint);
        StopTokens = FindStopTokens();
        Tokens = new TokenGenerator(model, options);
        this.ownsModel = ownsModel;
    }

    /// <summary>The network.</summary>
    public LanguageModel Model { get; }

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The chat template, or null.</summary>
    public ChatTemplate? Template { get; }

    /// <summary>The decode loop below.</summary>
    public TokenGenerator Tokens { get; }

    /// <summary>How the model's files want it to be sampled.</summary>
    public GenerationDefaults Defaults { get; }

    /// <summary>
    /// Tokens that end an answer where nothing else is said: those of the model's configuration, the tokenizer's end of sequence, and
    /// what the template writes at the end of a turn.
    /// </summary>
    public ImmutableHashSet<int> StopTokens { get; }

    /// <summary>Opens a model folder or a GGUF file with everything that is in it.</summary>
    /// <exception cref="CheckpointException">The files are not those of a model that can be run, or there is no tokenizer.</exception>
    public static TextGenerator Open(string path, InferenceOptions? inference = null, TokenGeneratorOptions? options = null)
    {
        // A vocabulary of 262,144 pieces takes as long to read as everything else together: both at once.
        Task<Tokenizer> tokenizer = Task.Run(() => Tokenizer.Open(path));
        LanguageModel model = LanguageModel.Open(path, inference);
        try
        {
            return new TextGenerator(model, tokenizer.GetAwaiter().GetResult(), ChatTemplate.Find(path), options, ownsModel: true);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Continues a text as it stands, without a template.</summary>
    /// <inheritdoc cref="GenerateAsync"/>
    public IAsyncEnumerable<TextStep> CompleteAsync(
        string prompt, TextGenerationOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= new TextGenerationOptions();
        return GenerateAsync([.. Tokenizer.Encode(prompt, options.AddBos, options.ParseSpecial)], options, cancellation);
    }

    /// <summary>Answers a conversation: <see cref="Render"/>, then the model's turn.</summary>
    /// <inheritdoc cref="GenerateAsync"/>
    public IAsyncEnumerable<TextStep> ChatAsync(
        ChatTemplateInput input, TextGenerationOptions? options = null, CancellationToken cancellation = default) =>
        GenerateAsync([.. Tokenizer.Encode(Render(input, cancellation))], options, cancellation);

    /// <summary>
    /// The text of a conversation as the model sees it, ending where the model's turn begins. The special tokens of the template come
    /// from the tokenizer.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model has no chat template.</exception>
    /// <exception cref="ChatTemplateException">The template refuses the conversation.</exception>
    public string Render(ChatTemplateInput input, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (Template is null)
        {
            throw new InvalidOperationException(
                $"{Model.Checkpoint.Path}: the model has no chat template, so it can continue a text but hold no conversation.");
        }

        return Template.Render(
            input with
            {
                AddGenerationPrompt = true,
                BosToken = input.BosToken ?? PieceOf(Tokenizer.BosId),
                EosToken = input.EosToken ?? PieceOf(Tokenizer.EosId),
            },
            cancellation);
    }

    /// <summary>Generates text behind the tokens of a prompt.</summary>
    /// <exception cref="ArgumentException">The prompt is empty, does not fit into the context, or an option is wrong.</exception>
    /// <exception cref="OperationCanceledException">While enumerating: <paramref name="cancellation"/> was triggered.</exception>
    /// <exception cref="ObjectDisposedException">The generator was disposed, before or meanwhile.</exception>
    /// <exception cref="NonFiniteException">While enumerating: NaN or infinity appeared.</exception>
    public IAsyncEnumerable<TextStep> GenerateAsync(
        ImmutableArray<int> prompt, TextGenerationOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new TextGenerationOptions();
        var request = new GenerationRequest
        {
            Prompt = prompt,
            Sampling = options.Sampling ?? Defaults.Sampling,
            MaxTokens = options.MaxTokens ?? Defaults.MaxTokens,
            StopTokens = options.StopTokens ?? StopTokens,
            LogProbabilities = options.LogProbabilities,
            PromptLogProbabilities = options.PromptLogProbabilities,
        };
        Tokens.Check(request);
        _ = new StopStringMatcher(options.StopStrings);
        return Enumerate(request, options, cancellation);
    }

    /// <summary>Ends what is being generated; the readers get <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        Tokens.Dispose();
        if (ownsModel)
        {
            Model.Dispose();
        }
    }

    // The stream is made here, so that the steps can be asked for a second time and are generated anew.
    private async IAsyncEnumerable<TextStep> Enumerate(
        GenerationRequest request, TextGenerationOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var stream = new TextStream(Tokenizer, options);
        await foreach (GenerationStep step in Tokens
            .GenerateAsync(request with { StopWhen = stream.Push }, cancellation).ConfigureAwait(false))
        {
            yield return stream.Take(step);
        }
    }

    private ImmutableHashSet<int> FindStopTokens()
    {
        ImmutableHashSet<int>.Builder ids = ImmutableHashSet.CreateBuilder<int>();
        ids.UnionWith(Model.Config.EosTokenIds);
        if (Tokenizer.EosId is int eos)
        {
            ids.Add(eos);
        }

        foreach (string piece in Template?.EndOfTurnPieces ?? [])
        {
            if (Tokenizer.IdOf(piece) is int id && Tokenizer.IsSpecial(id))
            {
                ids.Add(id);
            }
        }

        return ids.ToImmutable();
    }

    private string? PieceOf(int? id) => id is int token ? Tokenizer.PieceOf(token) : null;
}
