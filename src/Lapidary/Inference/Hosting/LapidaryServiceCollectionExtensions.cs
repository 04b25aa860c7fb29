using Lapidary.Inference;
using Lapidary.Inference.Generation;
using Lapidary.Inference.Hosting;
using Microsoft.Extensions.AI;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a model to the services of an application.</summary>
public static class LapidaryServiceCollectionExtensions
{
    /// <summary>
    /// Adds the model at <paramref name="path"/> as <see cref="IChatClient"/>, <see cref="IEmbeddingGenerator{String, Embedding}"/>,
    /// <see cref="TextGenerator"/> and <see cref="LanguageModel"/>. It is opened when one of them is first asked for, once, and
    /// disposed with the services.
    /// </summary>
    /// <param name="services">Where the model is added.</param>
    /// <param name="path">A model folder or a GGUF file.</param>
    /// <param name="configure">Sets what is not to stay as it is.</param>
    public static IServiceCollection AddLapidary(this IServiceCollection services, string path, Action<LapidaryOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var options = new LapidaryOptions { Path = path };
        configure?.Invoke(options);
        return services.AddLapidary(options);
    }

    /// <summary>Adds the model of some options; see <see cref="AddLapidary(IServiceCollection, string, Action{LapidaryOptions}?)"/>.</summary>
    /// <exception cref="ArgumentException">The options name no model.</exception>
    public static IServiceCollection AddLapidary(this IServiceCollection services, LapidaryOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Path, nameof(options));
        services.AddSingleton(_ => TextGenerator.Open(options.Path, options.Inference, options.Generator));
        services.AddSingleton(provider => provider.GetRequiredService<TextGenerator>().Model);
        services.AddSingleton<IChatClient>(provider =>
            new LapidaryChatClient(provider.GetRequiredService<TextGenerator>(), options.ModelId));
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(provider =>
            new LapidaryEmbeddingGenerator(provider.GetRequiredService<TextGenerator>(), options.ModelId));
        return services;
    }
}
