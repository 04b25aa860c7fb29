using Lapidary.Networks;
using Lapidary.Numerics;

namespace Lapidary.Inference;

/// <summary>Passes every step of a layer on to another executor, with other numbers for some matrices, and keeps every row.</summary>
internal sealed class LayerExecutor(IExecutor inner, Func<string, Tensor?>? replacement) : IExecutor
{
    public Activation Embed(Weight table, float scale) => inner.Embed(table, scale);

    public Activation Norm(Activation input, NormWeight weight) => inner.Norm(input, weight);

    public Activation Project(Activation input, Weight weight) => inner.Project(input, Replace(weight));

    public (Activation First, Activation Second, Activation Third) Project(Activation input, Weight first, Weight second, Weight third) =>
        inner.Project(input, Replace(first), Replace(second), Replace(third));

    public Activation Rotate(Activation input, RotarySpec rotary) => inner.Rotate(input, rotary);

    public Activation Attend(Activation query, Activation key, Activation value, in AttentionSpec spec) =>
        inner.Attend(query, key, value, in spec);

    public Activation GatedMlp(Activation input, Weight gate, Weight up, Weight down) =>
        inner.GatedMlp(input, Replace(gate), Replace(up), Replace(down));

    public Activation Add(Activation residual, Activation delta) => inner.Add(residual, delta);

    public Activation KeepWanted(Activation input) => input;

    public void Unembed(Activation input, Weight table, float? cap) => inner.Unembed(input, table, cap);

    public void BeginLayer(int layer) => inner.BeginLayer(layer);

    public void EndLayer() => inner.EndLayer();

    public void Label(Activation value, ActivationName name) => inner.Label(value, name);

    private Weight Replace(Weight weight)
    {
        if (replacement?.Invoke(weight.Name) is not { } tensor)
        {
            return weight;
        }

        // Kernels go by the sizes of the network.
        return tensor.Rows == weight.Outputs && tensor.RowLength == weight.Inputs
            ? new Weight(weight.Name, tensor, weight.Update, null)
            : throw new ArgumentException($"{weight.Name} is [{weight.Outputs}, {weight.Inputs}], its replacement [{tensor.Rows}, {tensor.RowLength}].");
    }
}
