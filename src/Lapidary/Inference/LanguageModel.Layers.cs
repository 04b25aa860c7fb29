using Lapidary.Networks;
using Lapidary.Numerics;

namespace Lapidary.Inference;

/// <content>Passes through a part of the network, for those who keep the residual stream themselves.</content>
public sealed unsafe partial class LanguageModel
{
    /// <summary>Gives the residual stream before the first layer.</summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="hidden">Receives [tokens, hidden].</param>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    internal void Embed(Batch batch, Span<float> hidden)
    {
        lock (pass)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            Executor.Begin(batch, fastProducts: false, fastLogits: false, null);
            Executor.Read(Network.Embed(Executor)).CopyTo(hidden);
        }
    }

    /// <summary>Runs one layer with the exact kernels. The caches of the batch get its keys and values, and nothing else of them changes.</summary>
    /// <param name="batch">The next tokens of one sequence, whose earlier ones went through the layer before.</param>
    /// <param name="layer">Which layer, from 0.</param>
    /// <param name="hidden">The residual stream before the layer [tokens, hidden].</param>
    /// <param name="result">Receives the stream behind it; may be <paramref name="hidden"/>, and empty where nobody needs it.</param>
    /// <param name="observer">Watches the named values, or null.</param>
    /// <param name="replacement">Another matrix for a canonical name, or null where the model's own holds; null for none at all.</param>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    internal void RunLayer(
        Batch batch,
        int layer,
        ReadOnlySpan<float> hidden,
        Span<float> result,
        ActivationObserver? observer,
        Func<string, Tensor?>? replacement)
    {
        lock (pass)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            Executor.Begin(batch, fastProducts: false, fastLogits: false, null);
            Activation input = Executor.Load(hidden, Config.HiddenSize);
            IExecutor watched = observer is null
                ? Executor
                : new ObserverExecutor<InferenceExecutor>(Executor, batch.Runs[0].FirstPosition, observer);
            try
            {
                Activation output = Network.RunLayer(new LayerExecutor(watched, replacement), input, layer);
                if (!result.IsEmpty)
                {
                    Executor.Read(output).CopyTo(result);
                }
            }
            catch (NonFiniteException seen)
            {
                throw Explain(seen);
            }
        }
    }
}
