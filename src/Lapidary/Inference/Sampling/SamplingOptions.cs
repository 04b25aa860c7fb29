using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Lapidary.Inference.Sampling;

/// <summary>
/// How the next token is chosen from the logits. The defaults draw from the model's own distribution. The steps are those of
/// llama.cpp's default chain, in its order: logit bias, penalties, top-k, top-p, min-p, temperature, draw. With the temperature last,
/// what the filters let through does not depend on it: a high temperature spreads the probability over the tokens that were
/// plausible to the model, and lets no others in.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>The most likely token each time; the first of equals.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>What logits are divided by before the draw; 0 takes the most likely token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public float Temperature { get; init => field = Require(value >= 0 && float.IsFinite(value), value, "a finite number of at least 0"); } = 1;

    /// <summary>Keeps this many of the most likely tokens, of equals those with the smallest ids; 0 keeps all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int TopK { get; init => field = Require(value >= 0, value, "a whole number of at least 0"); }

    /// <summary>
    /// Keeps the smallest set of the most likely tokens whose probabilities add up to this much (nucleus sampling, Holtzman et al.
    /// 2020), at least one; 1 keeps all. Probabilities are those among the tokens that <see cref="TopK"/> has kept.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0 and at most 1.</exception>
    public float TopP { get; init => field = Require(value is > 0 and <= 1, value, "a number above 0 and at most 1"); } = 1;

    /// <summary>Keeps the tokens that are at least this fraction as likely as the most likely one (Nguyen et al. 2024); 0 keeps all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not between 0 and 1.</exception>
    public float MinP { get; init => field = Require(value is >= 0 and <= 1, value, "a number from 0 to 1"); }

    /// <summary>
    /// What positive logits of tokens in the window are divided by and negative ones multiplied by (CTRL, Keskar et al. 2019); 1 does
    /// nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive or not finite.</exception>
    public float RepetitionPenalty { get; init => field = Require(value > 0 && float.IsFinite(value), value, "a finite number above 0"); } = 1;

    /// <summary>What is subtracted from the logit of each token in the window.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public float PresencePenalty { get; init => field = Require(float.IsFinite(value), value, "a finite number"); }

    /// <summary>What is subtracted from the logit of a token for each time that it is in the window.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public float FrequencyPenalty { get; init => field = Require(float.IsFinite(value), value, "a finite number"); }

    /// <summary>
    /// How many of the last tokens, those of the prompt among them, the three penalties look at; null for all, 64 as in llama.cpp
    /// where nothing is said.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int? PenaltyWindow { get; init => field = Require(value is null or >= 0, value, "a whole number of at least 0"); } = 64;

    /// <summary>What is added to the logits of tokens; negative infinity forbids one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is negative, or a number is NaN or positive infinity.</exception>
    public ImmutableDictionary<int, float> LogitBias
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            foreach ((int token, float bias) in value)
            {
                Require(token >= 0, token, "token ids of at least 0");
                Require(!float.IsNaN(bias) && !float.IsPositiveInfinity(bias), bias, "finite numbers or negative infinity");
            }

            field = value;
        }
    } = ImmutableDictionary<int, float>.Empty;

    /// <summary>Where the random numbers begin; null for a new place each time. The same seed gives the same tokens.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Whether a penalty does anything.</summary>
    internal bool Penalizes =>
        PenaltyWindow != 0 && (RepetitionPenalty != 1 || PresencePenalty != 0 || FrequencyPenalty != 0);

    private static T Require<T>(bool condition, T value, string expected, [CallerMemberName] string option = "") =>
        condition
            ? value
            : throw new ArgumentOutOfRangeException(option, $"{option} is {value} where {expected} was expected.");
}
