using System.Globalization;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// Which matrix of a model gets which type, as llama.cpp chooses for Gemma 3 (llama_tensor_get_type in src/llama-quant.cpp, v0.5.0). Tensors of
/// one dimension are F32 in every mix.
/// </summary>
public sealed class QuantizationMix
{
    private const string Embedding = "token_embd.weight";
    private const string Output = "output.weight";
    private const string Values = "attn_v";
    private const string AttentionOutput = "attn_output";
    private const string Down = "ffn_down";

    // The numbers are those of llama_ftype in include/llama.h. The first rule that applies decides.
    private static readonly QuantizationMix[] Known =
    [
        new("F32", 0, ElementType.F32),
        new("F16", 1, ElementType.F16),
        new("BF16", 32, ElementType.BF16),
        new("Q8_0", 7, ElementType.Q8_0),
        new("Q6_K", 18, ElementType.Q6_K),
        new("Q5_1", 9, ElementType.Q5_1),
        new("Q5_K_M", 17, ElementType.Q5_K, new(Values, ElementType.Q6_K, MoreBits), new(Down, ElementType.Q6_K, MoreBits)),
        new("Q5_K_S", 16, ElementType.Q5_K),
        new("Q5_0", 8, ElementType.Q5_0, FirstWithImportance(ElementType.Q5_1)),
        new("Q4_1", 3, ElementType.Q4_1),
        new("Q4_K_M", 15, ElementType.Q4_K, new(Values, ElementType.Q6_K, MoreBits), new(Down, ElementType.Q6_K, MoreBits)),
        new(
            "Q4_K_S",
            14,
            ElementType.Q4_K,
            new(Values, ElementType.Q5_K, static (layer, _) => layer < 4),
            new(Down, ElementType.Q5_K, FirstEighth)),
        new("Q4_0", 2, ElementType.Q4_0, FirstWithImportance(ElementType.Q4_1)),
        new(
            "Q3_K_L",
            13,
            ElementType.Q3_K,
            new(Values, ElementType.Q5_K),
            new(Down, ElementType.Q5_K),
            new(AttentionOutput, ElementType.Q5_K)),
        new(
            "Q3_K_M",
            12,
            ElementType.Q3_K,
            new(Values, ElementType.Q5_K, static (layer, _) => layer < 2),
            new(Values, ElementType.Q4_K),
            new(Down, ElementType.Q5_K, static (layer, network) => layer < network.Layers / 16),
            new(Down, ElementType.Q4_K),
            new(AttentionOutput, ElementType.Q4_K)),
        new("Q3_K_S", 11, ElementType.Q3_K),
        new(
            "Q2_K",
            10,
            ElementType.Q2_K,
            new(Values, ElementType.Q4_K, static (_, network) => network.HeadsPerKeyValueHead >= 4),
            new(Values, ElementType.Q3_K),
            new(Down, ElementType.Q3_K),
            new(AttentionOutput, ElementType.Q3_K)),
    ];

    private readonly MixRule[] rules;

    private QuantizationMix(string name, uint fileType, ElementType baseType, params MixRule[] rules)
    {
        Name = name;
        FileType = fileType;
        BaseType = baseType;
        this.rules = rules;
    }

    /// <summary>All mixes, the finest first.</summary>
    public static IReadOnlyList<QuantizationMix> All => Known;

    /// <summary>The name that llama.cpp gives to it: <c>Q4_K_M</c>.</summary>
    public string Name { get; }

    /// <summary>The number that <c>general.file_type</c> has in such a file.</summary>
    public uint FileType { get; }

    /// <summary>The type of every matrix that no rule gives another.</summary>
    public ElementType BaseType { get; }

    /// <summary>
    /// The mix of a name, or null; upper and lower case are the same. <c>Q3_K</c>, <c>Q4_K</c> and <c>Q5_K</c> mean the middle one, as in
    /// llama.cpp.
    /// </summary>
    public static QuantizationMix? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Array.Find(Known, mix => mix.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? Array.Find(Known, mix => mix.Name.Equals(name + "_M", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether the blocks of a type divide a row.</summary>
    /// <param name="type">The type.</param>
    /// <param name="rowLength">Elements of a row.</param>
    public static bool Fits(ElementType type, long rowLength) => rowLength % WeightFormat.Of(type).BlockLength == 0;

    /// <summary>The type of a matrix; where the blocks of the type that it should get do not divide its rows, the next one that does.</summary>
    /// <param name="name">The name in a GGUF file: <c>blk.0.attn_v.weight</c>.</param>
    /// <param name="rowLength">Elements of a row.</param>
    /// <param name="network">The network that it belongs to.</param>
    /// <param name="withImportance">Whether an importance matrix weighs the errors.</param>
    public ElementType TypeOf(string name, long rowLength, NetworkShape network, bool withImportance = false)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (BaseType is ElementType.F32 or ElementType.F16 or ElementType.BF16)
        {
            return BaseType;
        }

        bool isOutput = name == Output || (name == Embedding && network.TiedEmbeddings);
        return WithFallback(isOutput ? OutputType(rowLength) : TypeInLayer(name, network, withImportance), rowLength);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static bool MoreBits(int layer, NetworkShape network) => network.HasMoreBits(layer);

    private static bool FirstEighth(int layer, NetworkShape network) => layer < network.Layers / 8;

    // llama.cpp guards the first of these matrices: where a few columns outweigh the others, blocks without an offset can go badly wrong.
    private static MixRule FirstWithImportance(ElementType type) => new(Down, type, FirstEighth) { NeedsImportance = true };

    // tensor_type_fallback in src/llama-quant.cpp.
    private static ElementType WithFallback(ElementType type, long rowLength)
    {
        if (Fits(type, rowLength))
        {
            return type;
        }

        ElementType smaller = type switch
        {
            ElementType.Q2_K or ElementType.Q3_K => ElementType.Q4_0,
            ElementType.Q4_K => ElementType.Q5_0,
            ElementType.Q5_K => ElementType.Q5_1,
            ElementType.Q6_K => ElementType.Q8_0,
            _ => type,
        };
        return Fits(smaller, rowLength) ? smaller : ElementType.F16;
    }

    // Errors of the output matrix reach every token, so it gets the finest types.
    private ElementType OutputType(long rowLength) =>
        BaseType == ElementType.Q8_0 || !Fits(BaseType, rowLength) ? ElementType.Q8_0 : ElementType.Q6_K;

    private ElementType TypeInLayer(string name, NetworkShape network, bool withImportance)
    {
        string[] parts = name.Split('.');
        if (parts is not ["blk", string number, string role, "weight"]
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int layer))
        {
            return BaseType;
        }

        return Array.Find(
            rules,
            rule => rule.Role == role && (withImportance || !rule.NeedsImportance) && rule.Applies?.Invoke(layer, network) != false)?.Type
            ?? BaseType;
    }
}
