using System.Runtime.InteropServices;

namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>
/// A row of log-probabilities in 16 bits a token, as llama.cpp's perplexity tool keeps it: two float32, scale and smallest log-probability,
/// then a number q from 0 to 65,535 for each token, whose log-probability is scale q + smallest.
/// </summary>
internal static class RecordedRow
{
    /// <summary>
    /// How far below the likeliest token a log-probability may lie, in nats; others are raised to there. 65,535 steps over 24 nats are
    /// 0.00037 nats each, and what is raised has e^-24, or 4e-11, of the likeliest token's probability. Readers need not know the number:
    /// the row says its scale.
    /// </summary>
    public const float Range = 24;

    private const int PrefixBytes = 8;
    private const float Steps = 65535;

    /// <summary>Bytes of a row.</summary>
    public static int ByteLength(int vocabulary) => PrefixBytes + (2 * (vocabulary + (vocabulary & 1)));

    /// <summary>Encodes a row of finite logits.</summary>
    /// <param name="logits">x [vocabulary].</param>
    /// <param name="largest">The largest of them.</param>
    /// <param name="logSum">log(sum of e^x).</param>
    /// <param name="row">Gets <see cref="ByteLength"/> bytes.</param>
    public static void Encode(ReadOnlySpan<float> logits, float largest, double logSum, Span<byte> row)
    {
        float smallest = largest;
        foreach (float x in logits)
        {
            smallest = MathF.Min(smallest, x);
        }

        smallest = MathF.Max(smallest, largest - Range);
        float scale = (largest - smallest) / Steps;
        Span<float> prefix = MemoryMarshal.Cast<byte, float>(row[..PrefixBytes]);
        prefix[0] = scale;
        prefix[1] = smallest - largest - (float)(logSum - largest);
        Span<ushort> codes = MemoryMarshal.Cast<byte, ushort>(row[PrefixBytes..]);
        codes[^1] = 0;
        if (scale == 0)
        {
            codes.Clear();
            return;
        }

        float inverse = 1 / scale;
        for (int i = 0; i < logits.Length; i++)
        {
            // Halves to even, as the tool rounds.
            codes[i] = logits[i] > smallest ? (ushort)MathF.Min(Steps, MathF.Round((logits[i] - smallest) * inverse)) : (ushort)0;
        }
    }

    /// <summary>Decodes a row into log-probabilities, which gives the tool's own float32 numbers.</summary>
    /// <param name="row">Its bytes.</param>
    /// <param name="logProbabilities">Gets them [vocabulary].</param>
    /// <param name="largest">The largest of them.</param>
    /// <returns>Whether they are log-probabilities at all.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> row, Span<float> logProbabilities, out float largest)
    {
        ReadOnlySpan<float> prefix = MemoryMarshal.Cast<byte, float>(row[..PrefixBytes]);
        float scale = prefix[0], smallest = prefix[1];
        ReadOnlySpan<ushort> codes = MemoryMarshal.Cast<byte, ushort>(row[PrefixBytes..]);
        ushort top = 0;
        for (int i = 0; i < logProbabilities.Length; i++)
        {
            ushort code = codes[i];
            logProbabilities[i] = (scale * code) + smallest;
            top = Math.Max(top, code);
        }

        // Rounding may leave the likeliest of them a little above 0.
        largest = (scale * top) + smallest;
        return scale >= 0 && float.IsFinite(smallest) && largest <= 0.01f;
    }
}
