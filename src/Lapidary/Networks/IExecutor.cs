namespace Lapidary.Networks;

/// <summary>How queries and keys are rotated in a layer.</summary>
/// <param name="HeadDimension">Elements of a head.</param>
/// <param name="FrequencyBase">theta.</param>
/// <param name="Factor">What positions are divided by.</param>
public readonly record struct RotarySpec(int HeadDimension, double FrequencyBase, double Factor);

/// <summary>How a layer attends.</summary>
/// <param name="Layer">Whose keys and values.</param>
/// <param name="HeadCount">Query heads.</param>
/// <param name="KeyValueHeadCount">Key-value heads, a divisor of <paramref name="HeadCount"/>.</param>
/// <param name="HeadDimension">Elements of a head.</param>
/// <param name="Window">Keys that a query sees, itself included; null for all.</param>
/// <param name="Scale">Factor of the scores.</param>
/// <param name="Cap">Where the scores are capped, c * tanh(x / c); null for no cap.</param>
public readonly record struct AttentionSpec(
    int Layer, int HeadCount, int KeyValueHeadCount, int HeadDimension, int? Window, float Scale, float? Cap);

/// <summary>
/// The operations of which networks are made, at the level of whole steps. A network is written once against this interface; an
/// executor runs the steps at once, records them for training, watches them, or sends them to a device.
/// </summary>
/// <remarks>
/// The first argument of <see cref="Rotate"/>, <see cref="Add"/> and <see cref="KeepWanted"/> is used up: an executor may write the
/// result in its place.
/// Values made between <see cref="BeginLayer"/> and <see cref="EndLayer"/> live until the end of the layer, except what
/// <see cref="Add"/> made from a value of before.
/// </remarks>
public interface IExecutor
{
    /// <summary>The rows of <paramref name="table"/> [vocabulary, hidden] for the tokens of the batch, times <paramref name="scale"/>.</summary>
    Activation Embed(Weight table, float scale);

    /// <summary>RMSNorm of each run of <c>weight.Length</c> elements: whole rows, or the heads of a row.</summary>
    Activation Norm(Activation input, NormWeight weight);

    /// <summary>input * transpose(weight).</summary>
    Activation Project(Activation input, Weight weight);

    /// <summary>Three projections of the same input.</summary>
    (Activation First, Activation Second, Activation Third) Project(Activation input, Weight first, Weight second, Weight third);

    /// <summary>Rotary position embedding of every head.</summary>
    Activation Rotate(Activation input, RotarySpec rotary);

    /// <summary>Causal attention of the batch's queries over the cached and the new keys and values.</summary>
    Activation Attend(Activation query, Activation key, Activation value, in AttentionSpec spec);

    /// <summary>down(gelu(gate(input)) * up(input)), GELU in its tanh form.</summary>
    Activation GatedMlp(Activation input, Weight gate, Weight up, Weight down);

    /// <summary>residual + delta.</summary>
    Activation Add(Activation residual, Activation delta);

    /// <summary>
    /// The rows of <paramref name="input"/> whose logits the caller of the network asked for. A network calls it on every value that
    /// outlives the last mixing of rows, so that nothing is computed for the others behind it; an executor may as well keep all.
    /// </summary>
    Activation KeepWanted(Activation input);

    /// <summary>
    /// The logits input * transpose(table) of the rows that the caller of the network asked for, capped at <paramref name="cap"/> if
    /// there is one: c * tanh(x / c).
    /// </summary>
    void Unembed(Activation input, Weight table, float? cap);

    /// <summary>A layer starts.</summary>
    void BeginLayer(int layer);

    /// <summary>The layer ends.</summary>
    void EndLayer();

    /// <summary>Says what a value is, for those who watch.</summary>
    void Label(Activation value, ActivationName name);
}
