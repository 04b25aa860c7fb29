using System.Runtime.CompilerServices;
using Lapidary.Inference.Generation;
using Microsoft.Extensions.AI;

namespace Lapidary.Inference.Hosting;

/// <summary>
/// A model as .NET's abstraction wants it. The client keeps no conversations: each call brings its whole history, of which what is
/// cached is not processed again. Calls may overlap; they are generated together.
/// </summary>
/// <remarks>
/// The members of <see cref="ChatOptions"/> are honoured as docs/dotnet.md says; what cannot be honoured is a
/// <see cref="NotSupportedException"/>.
/// </remarks>
public sealed class LapidaryChatClient : IChatClient
{
    /// <summary>The provider's name in the metadata.</summary>
    internal const string ProviderName = "lapidary";

    private readonly TextGenerator generator;
    private readonly bool ownsGenerator;
    private readonly ChatClientMetadata metadata;
    private readonly CancellationTokenSource disposal = new();

    /// <summary>A client over <paramref name="generator"/>.</summary>
    /// <param name="generator">The model.</param>
    /// <param name="modelId">What the model is called in responses; null for the name of its folder or file.</param>
    /// <param name="ownsGenerator">Whether the generator is disposed with the client.</param>
    public LapidaryChatClient(TextGenerator generator, string? modelId = null, bool ownsGenerator = false)
    {
        ArgumentNullException.ThrowIfNull(generator);
        this.generator = generator;
        this.ownsGenerator = ownsGenerator;
        metadata = new ChatClientMetadata(ProviderName, null, NameOf(generator, modelId));
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">An option or a content cannot be honoured.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed, before or meanwhile.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">An option or a content cannot be honoured.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed, before or meanwhile.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(disposal.IsCancellationRequested, this);
        CheckModel(options?.ModelId, metadata.DefaultModelId!);
        return Stream(ChatRequest.From(messages, options, this, generator), cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(generator) ? generator
            : serviceType.IsInstanceOfType(generator.Model) ? generator.Model
            : serviceType.IsInstanceOfType(generator.Tokenizer) ? generator.Tokenizer
            : null;
    }

    /// <summary>Ends the calls that are running; they throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        // The source is not disposed: calls that are just beginning still ask its token.
        disposal.Cancel();
        if (ownsGenerator)
        {
            generator.Dispose();
        }
    }

    /// <summary>The name of a model: the given one, or that of its folder or file.</summary>
    internal static string NameOf(TextGenerator generator, string? modelId) =>
        modelId ?? Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(generator.Model.Checkpoint.Path)));

    /// <summary>Refuses a request for another model.</summary>
    internal static void CheckModel(string? asked, string name)
    {
        if (asked is not null && !string.Equals(asked, name, StringComparison.OrdinalIgnoreCase))
        {
            throw new NotSupportedException($"The model \"{asked}\" is asked for; this one is \"{name}\".");
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> Stream(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string id = Guid.NewGuid().ToString("N");
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, disposal.Token);
        await using IAsyncEnumerator<TextStep> steps =
            generator.ChatAsync(request.Input, request.Options, either.Token).GetAsyncEnumerator(CancellationToken.None);
        while (await MoveAsync(steps, cancellation).ConfigureAwait(false))
        {
            TextStep step = steps.Current;
            if (step.Text.Length > 0 || step.Score is not null || step.End is not null)
            {
                yield return Update(step, id);
            }
        }
    }

    private async ValueTask<bool> MoveAsync(IAsyncEnumerator<TextStep> steps, CancellationToken cancellation)
    {
        try
        {
            return await steps.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (disposal.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(LapidaryChatClient));
        }
        catch (OperationCanceledException thrown) when (cancellation.IsCancellationRequested)
        {
            // Callers look at whose token it was.
            throw new OperationCanceledException(thrown.Message, thrown, cancellation);
        }
    }

    private ChatResponseUpdate Update(TextStep step, string id)
    {
        var update = new ChatResponseUpdate(ChatRole.Assistant, step.Text)
        {
            ResponseId = id,
            MessageId = id,
            ModelId = metadata.DefaultModelId,
            CreatedAt = DateTimeOffset.UtcNow,
            RawRepresentation = step,
        };
        if (step.End is { } end)
        {
            update.FinishReason = end.Reason is FinishReason.StopToken or FinishReason.StopCondition
                ? ChatFinishReason.Stop
                : ChatFinishReason.Length;
            update.Contents.Add(new UsageContent(new UsageDetails
            {
                InputTokenCount = end.PromptTokens,
                CachedInputTokenCount = end.CachedTokens,
                OutputTokenCount = end.GeneratedTokens,
                TotalTokenCount = end.PromptTokens + end.GeneratedTokens,
            }));
        }

        return update;
    }
}
