using Lapidary.Inference.Generation;
using Lapidary.Inference.Sampling;
using Lapidary.Text;
using Microsoft.Extensions.AI;

namespace Lapidary.Inference.Hosting;

/// <summary>A call of the abstraction in our own terms.</summary>
/// <param name="Input">The conversation.</param>
/// <param name="Options">How it is answered.</param>
internal sealed record ChatRequest(ChatTemplateInput Input, TextGenerationOptions Options)
{
    /// <summary>Translates messages and options.</summary>
    /// <exception cref="NotSupportedException">Something cannot be honoured.</exception>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public static ChatRequest From(IEnumerable<ChatMessage> messages, ChatOptions? options, IChatClient client, TextGenerator generator)
    {
        options ??= new ChatOptions();
        Refuse(options);
        var more = new AdditionalOptions(options.AdditionalProperties);
        bool toolsWanted = options.Tools is { Count: > 0 } && options.ToolMode is not NoneChatToolMode;
        if (toolsWanted && generator.Template?.Source.Contains("tools", StringComparison.Ordinal) == false)
        {
            throw new NotSupportedException("The chat template of this model has no place for tools.");
        }

        return new ChatRequest(
            new ChatTemplateInput
            {
                Messages = ChatMessages.Translate(messages, options.Instructions),
                Tools = toolsWanted ? ChatMessages.Describe(options.Tools!) : null,
                Variables = more.TemplateVariables,
            },
            Combine(options, more, options.RawRepresentationFactory?.Invoke(client) as TextGenerationOptions ?? new TextGenerationOptions(), generator));
    }

    private static void Refuse(ChatOptions options)
    {
        if (options.ConversationId is not null)
        {
            throw new NotSupportedException("ConversationId is set, but this client keeps no conversations: send the whole history.");
        }

        if (options.ResponseFormat is ChatResponseFormatJson)
        {
            throw new NotSupportedException("ResponseFormat asks for JSON, which this client cannot make the model keep to.");
        }

        if (options.ToolMode is RequiredChatToolMode)
        {
            throw new NotSupportedException("ToolMode requires a call of a tool, which this client cannot make the model do.");
        }
    }

    // What the abstraction sets wins over what the factory gave, and that over what the model's files say.
    private static TextGenerationOptions Combine(ChatOptions options, AdditionalOptions more, TextGenerationOptions given, TextGenerator generator)
    {
        SamplingOptions sampling = given.Sampling ?? generator.Defaults.Sampling;

        // A model whose files ask for greedy decoding is sampled as soon as somebody names a temperature.
        sampling = sampling with
        {
            Temperature = options.Temperature ?? sampling.Temperature,
            TopK = options.TopK ?? sampling.TopK,
            TopP = options.TopP ?? sampling.TopP,
            MinP = more.MinP ?? sampling.MinP,
            FrequencyPenalty = options.FrequencyPenalty ?? sampling.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty ?? sampling.PresencePenalty,
            RepetitionPenalty = more.RepetitionPenalty ?? sampling.RepetitionPenalty,
            PenaltyWindow = more.PenaltyWindow ?? sampling.PenaltyWindow,
            LogitBias = more.LogitBias ?? sampling.LogitBias,
            Seed = options.Seed is long seed ? unchecked((ulong)seed) : sampling.Seed,
        };
        if (options.MaxOutputTokens < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), $"MaxOutputTokens is {options.MaxOutputTokens} where a whole number above 0 was expected.");
        }

        return given with
        {
            Sampling = sampling,
            MaxTokens = options.MaxOutputTokens ?? given.MaxTokens,
            StopStrings = options.StopSequences is { Count: > 0 } stops ? [.. stops] : given.StopStrings,
        };
    }
}
