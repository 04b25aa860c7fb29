using Lapidary.Inference.Generation;
using Microsoft.Extensions.AI;

namespace Lapidary.Inference.Hosting;

/// <summary>Vectors of texts as .NET's abstraction wants them; see <see cref="TextEmbedder"/> for what they are.</summary>
/// <param name="generator">The model; it must outlive this.</param>
/// <param name="modelId">What the model is called; null for the name of its folder or file.</param>
public sealed class LapidaryEmbeddingGenerator(TextGenerator generator, string? modelId = null) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly TextEmbedder embedder = new(generator.Model, generator.Tokenizer);
    private readonly EmbeddingGeneratorMetadata metadata = new(
        LapidaryChatClient.ProviderName, null, LapidaryChatClient.NameOf(generator, modelId), generator.Model.Config.HiddenSize);

    private volatile bool disposed;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Another number of dimensions than the network's width, or another model, is asked for.</exception>
    /// <exception cref="ArgumentException">A text has more tokens than the context.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        ObjectDisposedException.ThrowIf(disposed, this);
        if (options?.Dimensions is int dimensions && dimensions != embedder.Dimensions)
        {
            throw new NotSupportedException($"Vectors of {dimensions} elements are asked for; those of this model have {embedder.Dimensions}.");
        }

        LapidaryChatClient.CheckModel(options?.ModelId, metadata.DefaultModelId!);
        string[] texts = [.. values];
        return Task.Run(() => Generate(texts, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(embedder) ? embedder
            : serviceType.IsInstanceOfType(generator) ? generator
            : serviceType.IsInstanceOfType(generator.Model) ? generator.Model
            : null;
    }

    /// <summary>Accepts no more calls; the model stays.</summary>
    public void Dispose() => disposed = true;

    private GeneratedEmbeddings<Embedding<float>> Generate(string[] texts, CancellationToken cancellation)
    {
        var result = new GeneratedEmbeddings<Embedding<float>>(texts.Length);
        long tokens = 0;
        foreach (string text in texts)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            (float[] vector, int count) = embedder.Embed(text, cancellation);
            tokens += count;
            result.Add(new Embedding<float>(vector) { CreatedAt = DateTimeOffset.UtcNow, ModelId = metadata.DefaultModelId });
        }

        result.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
        return result;
    }
}
