using Lapidary.Inference;

namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>Texts that go through a model one after the other, each from its beginning, with the logits of its last tokens.</summary>
internal sealed class ModelRows(LanguageModel model) : IDisposable
{
    private InferenceSession? session;

    /// <summary>Begins a text.</summary>
    /// <param name="tokens">Its first tokens, whose logits are not wanted; at least one.</param>
    public void Begin(ReadOnlySpan<int> tokens)
    {
        session ??= model.CreateSession(2 * tokens.Length);
        session.Reset();
        session.EnsureCapacity(tokens.Length);
        session.Process(tokens);
    }

    /// <summary>Adds tokens and gives the logits after each, always those of the exact kernels.</summary>
    public void Process(ReadOnlySpan<int> tokens, LogitsSink sink)
    {
        session!.EnsureCapacity(session.Position + tokens.Length);
        session.ProcessAll(tokens, sink);
    }

    /// <inheritdoc/>
    public void Dispose() => session?.Dispose();

    /// <summary>Throws where the sum of a row of logits says that there is a number in it that is none.</summary>
    /// <exception cref="NonFiniteException">One is NaN.</exception>
    public void ThrowIfNonFinite(ReadOnlySpan<double> logSums)
    {
        foreach (double sum in logSums)
        {
            if (double.IsNaN(sum))
            {
                throw new NonFiniteException($"{model.Checkpoint.Path}: the logits hold NaN or infinity.");
            }
        }
    }
}
