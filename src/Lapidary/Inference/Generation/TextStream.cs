using System.Collections.Concurrent;
using Lapidary.Text;

namespace Lapidary.Inference.Generation;

/// <summary>
/// Turns the tokens of one generation into text and looks for stop strings. The decode loop pushes, so that no token is computed behind
/// a stop string; the reader takes the text of each step from the queue.
/// </summary>
internal sealed class TextStream(Tokenizer tokenizer, TextGenerationOptions options)
{
    private readonly TokenDecoder decoder = tokenizer.CreateDecoder(skipSpecial: !options.ShowSpecial);
    private readonly StopStringMatcher matcher = new(options.StopStrings);
    private readonly ConcurrentQueue<string> texts = new();

    /// <summary>Takes a token that does not end the generation by itself; says whether a stop string does.</summary>
    public bool Push(int token)
    {
        texts.Enqueue(matcher.Append(token < tokenizer.VocabularySize ? decoder.Append(token) : string.Empty));
        return matcher.Found is not null;
    }

    /// <summary>The text of a step; steps are taken in order.</summary>
    public TextStep Take(GenerationStep step)
    {
        string text = string.Empty;
        if (step.Token is not null && step.End?.Reason != FinishReason.StopToken)
        {
            texts.TryDequeue(out text!);
        }

        if (step.End is not null)
        {
            text += matcher.Append(decoder.Flush()) + matcher.Flush();
        }

        string? piece = step.Token is int token && token < tokenizer.VocabularySize ? tokenizer.PieceOf(token) : null;
        return new TextStep(text, step.Token, piece, step.Score, step.Prompt, step.End, step.End is null ? null : matcher.Found);
    }
}
