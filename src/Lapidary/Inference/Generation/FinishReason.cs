namespace Lapidary.Inference.Generation;

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>The model gave a token that ends an answer; it is the last token.</summary>
    StopToken,

    /// <summary>The request's own condition, such as a stop string, was met.</summary>
    StopCondition,

    /// <summary>As many tokens were generated as the request allows.</summary>
    MaxTokens,

    /// <summary>The context is full.</summary>
    ContextFull,
}
