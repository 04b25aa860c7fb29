namespace Lapidary.Pebble.Corpus;

/// <summary>What was asked and what was answered in a conversation.</summary>
internal readonly record struct Turn(string User, string Assistant);
