using Lapidary.Networks;

namespace Lapidary.Inference;

/// <summary>Receives a named value of a pass.</summary>
/// <param name="name">Where in the network.</param>
/// <param name="firstPosition">Position of the first row in its sequence.</param>
/// <param name="width">Elements per token.</param>
/// <param name="values">[tokens, width]; valid during the call.</param>
public delegate void ActivationObserver(ActivationName name, int firstPosition, int width, ReadOnlySpan<float> values);

/// <summary>Passes every step on to another executor and shows the named values to an observer.</summary>
internal sealed class ObserverExecutor<TExecutor> : IExecutor
    where TExecutor : class, IExecutor, IActivationReader
{
    private readonly TExecutor inner;
    private readonly ActivationObserver observer;
    private readonly int firstPosition;
    private int layer;

    public ObserverExecutor(TExecutor inner, int firstPosition, ActivationObserver observer)
    {
        this.inner = inner;
        this.firstPosition = firstPosition;
        this.observer = observer;
    }

    public Activation Embed(Weight table, float scale) => inner.Embed(table, scale);

    public Activation Norm(Activation input, NormWeight weight) => inner.Norm(input, weight);

    public Activation Project(Activation input, Weight weight) => inner.Project(input, weight);

    public (Activation First, Activation Second, Activation Third) Project(Activation input, Weight first, Weight second, Weight third) =>
        inner.Project(input, first, second, third);

    public Activation Rotate(Activation input, RotarySpec rotary) => inner.Rotate(input, rotary);

    public Activation Attend(Activation query, Activation key, Activation value, in AttentionSpec spec) =>
        inner.Attend(query, key, value, in spec);

    public Activation GatedMlp(Activation input, Weight gate, Weight up, Weight down)
    {
        Activation output = inner.GatedMlp(input, gate, up, down);
        Show(inner.LastGated, new ActivationName(ActivationKind.FeedForwardGated, layer));
        return output;
    }

    public Activation Add(Activation residual, Activation delta) => inner.Add(residual, delta);

    // An observer is shown every row, up to the end.
    public Activation KeepWanted(Activation input) => input;

    public void Unembed(Activation input, Weight table, float? cap) => inner.Unembed(input, table, cap);

    public void BeginLayer(int layer)
    {
        this.layer = layer;
        inner.BeginLayer(layer);
    }

    public void EndLayer() => inner.EndLayer();

    public void Label(Activation value, ActivationName name)
    {
        inner.Label(value, name);
        Show(value, name);
    }

    private void Show(Activation value, ActivationName name) => observer(name, firstPosition, inner.WidthOf(value), inner.Read(value));
}
