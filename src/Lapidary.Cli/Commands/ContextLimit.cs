using Lapidary.Cli.CommandLine;

namespace Lapidary.Cli.Commands;

/// <summary>How many positions a session may have.</summary>
internal static class ContextLimit
{
    /// <summary>The asked length, or the model's own; throws where that is more than the model has, or the prompt is longer.</summary>
    public static int For(int contextLength, int? asked, int promptTokens)
    {
        int limit = asked ?? contextLength;
        Check(contextLength, limit, "--context");
        CheckPrompt(promptTokens, limit, "--tokens");
        return limit;
    }

    /// <summary>Throws where a prompt is longer than the context.</summary>
    public static void CheckPrompt(int promptTokens, int limit, string subject)
    {
        if (promptTokens > limit)
        {
            throw RequestException.Expected(subject, $"a prompt of at most {limit} tokens, the length of the context", $"{promptTokens}");
        }
    }

    /// <summary>Throws where more positions are needed than the model has.</summary>
    public static void Check(int contextLength, int needed, string subject)
    {
        if (needed > contextLength)
        {
            throw RequestException.Expected(subject, $"at most the model's {contextLength} positions", $"{needed}");
        }
    }
}
