using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;

namespace Lapidary.Tests.Common;

/// <summary>
/// Gemma 3 as the paper reads, in double precision and plain loops: every query meets every key, and a mask decides. Shares with the
/// engine the reading of files and nothing of the arithmetic.
/// </summary>
public sealed class ReferenceGemma3(Checkpoint checkpoint)
{
    private readonly Gemma3Config config = Gemma3Config.From(checkpoint);

    /// <summary>Logits [tokens, vocabulary].</summary>
    public double[][] Logits(int[] tokens)
    {
        double[][] embedding = Matrix("model.embed_tokens");
        double[][] x = [.. tokens.Select(token => Scale(embedding[token], Math.Sqrt(config.HiddenSize)))];
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            double[][] attention = Attend(layer, prefix, Norm(x, prefix + "input_layernorm"));
            x = Add(x, Norm(Multiply(attention, Matrix(prefix + "self_attn.o_proj")), prefix + "post_attention_layernorm"));
            double[][] normed = Norm(x, prefix + "pre_feedforward_layernorm");
            double[][] gate = Multiply(normed, Matrix(prefix + "mlp.gate_proj"));
            double[][] up = Multiply(normed, Matrix(prefix + "mlp.up_proj"));
            double[][] hidden = [.. gate.Zip(up, (g, u) => g.Zip(u, (a, b) => Gelu(a) * b).ToArray())];
            x = Add(x, Norm(Multiply(hidden, Matrix(prefix + "mlp.down_proj")), prefix + "post_feedforward_layernorm"));
        }

        return [.. Multiply(Norm(x, "model.norm"), embedding).Select(row => row.Select(logit => Cap(logit, config.FinalLogitSoftcap)).ToArray())];
    }

    private double[][] Attend(int layer, string prefix, double[][] normed)
    {
        LayerSpec spec = config.Layers[layer];
        int d = config.HeadDimension;
        double[][] q = Heads(normed, prefix, "q", spec), k = Heads(normed, prefix, "k", spec);
        double[][] v = Multiply(normed, Matrix(prefix + "self_attn.v_proj"));
        var output = new double[normed.Length][];
        for (int i = 0; i < normed.Length; i++)
        {
            output[i] = new double[config.HeadCount * d];
            for (int head = 0; head < config.HeadCount; head++)
            {
                int shared = head / (config.HeadCount / config.KeyValueHeadCount);
                var scores = new double[normed.Length];
                for (int j = 0; j < normed.Length; j++)
                {
                    bool visible = j <= i && (spec.Window is not int window || i - j < window);
                    double score = Dot(q[i], head * d, k[j], shared * d, d) * config.AttentionScale;
                    scores[j] = visible ? Cap(score, config.AttentionLogitSoftcap) : double.NegativeInfinity;
                }

                double largest = scores.Max();
                double total = scores.Sum(score => Math.Exp(score - largest));
                for (int j = 0; j <= i; j++)
                {
                    double weight = Math.Exp(scores[j] - largest) / total;
                    for (int c = 0; c < d; c++)
                    {
                        output[i][(head * d) + c] += weight * v[j][(shared * d) + c];
                    }
                }
            }
        }

        return output;
    }

    private double[][] Heads(double[][] normed, string prefix, string kind, LayerSpec spec)
    {
        int d = config.HeadDimension;
        double[] scale = NormScale(prefix + $"self_attn.{kind}_norm");
        double[][] rows = Multiply(normed, Matrix(prefix + $"self_attn.{kind}_proj"));
        for (int position = 0; position < rows.Length; position++)
        {
            for (int start = 0; start < rows[position].Length; start += d)
            {
                double[] head = Normalise(rows[position].AsSpan(start, d).ToArray(), scale);
                for (int j = 0; j < d / 2; j++)
                {
                    double angle = position * Math.Pow(spec.RopeBase, -2.0 * j / d) / spec.RopeScale;
                    rows[position][start + j] = (head[j] * Math.Cos(angle)) - (head[j + (d / 2)] * Math.Sin(angle));
                    rows[position][start + j + (d / 2)] = (head[j + (d / 2)] * Math.Cos(angle)) + (head[j] * Math.Sin(angle));
                }
            }
        }

        return rows;
    }

    private double[][] Norm(double[][] x, string module)
    {
        double[] scale = NormScale(module);
        return [.. x.Select(row => Normalise(row, scale))];
    }

    private double[] Normalise(double[] row, double[] scale)
    {
        double factor = 1 / Math.Sqrt(row.Average(value => value * value) + config.RmsNormEpsilon);
        return [.. row.Zip(scale, (value, s) => value * factor * s)];
    }

    private double[] NormScale(string module) => [.. Matrix(module)[0].Select(w => checkpoint.NormsIncludeOne ? w : 1 + w)];

    private double[][] Matrix(string module)
    {
        Tensor tensor = checkpoint.GetTensor(module + ".weight");
        var rows = new double[tensor.Rows][];
        var row = new float[tensor.RowLength];
        for (int i = 0; i < rows.Length; i++)
        {
            tensor.DecodeRow(i, row);
            rows[i] = [.. row.Select(value => (double)value)];
        }

        return rows;
    }

    private static double[][] Multiply(double[][] x, double[][] weights) =>
        [.. x.Select(row => weights.Select(w => Dot(row, 0, w, 0, w.Length)).ToArray())];

    private static double[][] Add(double[][] x, double[][] y) => [.. x.Zip(y, (a, b) => a.Zip(b, (u, v) => u + v).ToArray())];

    private static double[] Scale(double[] row, double factor) => [.. row.Select(value => value * factor)];

    private static double Cap(double x, float? cap) => cap is float limit ? limit * Math.Tanh(x / limit) : x;

    private static double Gelu(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));

    private static double Dot(double[] a, int aStart, double[] b, int bStart, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += a[aStart + i] * b[bStart + i];
        }

        return sum;
    }
}
