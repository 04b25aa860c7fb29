using System.Numerics.Tensors;
using Lapidary.Networks;
using Lapidary.Text;

namespace Lapidary.Inference.Generation;

/// <summary>
/// Vectors of texts: the mean over all tokens, the one that begins the sequence among them, of the hidden states behind the network's
/// final norm, scaled to length 1. Gemma was not trained for this; texts about the same things do come out nearer to each other.
/// </summary>
public sealed class TextEmbedder(LanguageModel model, Tokenizer tokenizer)
{
    /// <summary>Elements of a vector: the width of the network.</summary>
    public int Dimensions => model.Config.HiddenSize;

    /// <summary>The vector of a text, and how many tokens it has. The same bits for any number of threads and any chunk size.</summary>
    /// <exception cref="ArgumentException">The text has no tokens, or more than the model's context.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    /// <exception cref="OperationCanceledException">Between two chunks: <paramref name="cancellation"/> was triggered.</exception>
    public (float[] Vector, int Tokens) Embed(ReadOnlySpan<char> text, CancellationToken cancellation = default)
    {
        int[] tokens = tokenizer.Encode(text);
        if (tokens.Length == 0 || tokens.Length > model.ContextLength)
        {
            throw new ArgumentException(
                $"The text has {tokens.Length} tokens where 1 to {model.ContextLength}, the length of the context, were expected.",
                nameof(text));
        }

        var sums = new double[Dimensions];
        using InferenceSession session = model.CreateSession(tokens.Length);
        session.Observer = (name, _, width, values) =>
        {
            if (name.Kind != ActivationKind.FinalNorm)
            {
                return;
            }

            for (int row = 0; row < values.Length; row += width)
            {
                for (int i = 0; i < width; i++)
                {
                    sums[i] += values[row + i];
                }
            }
        };
        session.Prefill(tokens, cancellation);

        // The mean and the sum have the same direction.
        double length = TensorPrimitives.Norm<double>(sums);
        return ([.. sums.Select(sum => length == 0 ? 0 : (float)(sum / length))], tokens.Length);
    }
}
