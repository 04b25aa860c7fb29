using Lapidary.Pebble.Tasks;

namespace Lapidary.Pebble.Evaluation;

/// <summary>An exercise and what the model made of it.</summary>
internal sealed record AnsweredPrompt(Exercise Exercise, string Given, bool Hit);
