using Lapidary.Pebble.Language;

namespace Lapidary.Pebble.World;

/// <summary>One fact of the world.</summary>
/// <param name="Relation">Its kind.</param>
/// <param name="Kind">What the subject is: person, town, ware or animal.</param>
/// <param name="Subject">The name of the subject.</param>
/// <param name="Value">What the relation gives for it, as it stands among the options of a question.</param>
/// <param name="Female">Whether the subject is a woman or a girl; null where it is a thing.</param>
internal sealed record Fact(Relation Relation, string Kind, string Subject, string Value, bool? Female)
{
    private static readonly string[] Unpronounced = ["n}", "of {o}", "of {S}", "{S}, ", "and {o}", " is {o}"];

    /// <summary>The kind of pet that a person has, for sentences about its name.</summary>
    public string PetKind { get; init; } = string.Empty;

    /// <summary>The fact in a sentence.</summary>
    /// <param name="template">One of the relation's statements.</param>
    /// <param name="pronoun">Whether a pronoun stands for the subject, where the sentence allows it.</param>
    public string State(string template, bool pronoun)
    {
        Dictionary<string, string> slots = Slots();
        if (pronoun && AllowsPronoun(template))
        {
            template = template.Replace("{S}'s", "{his}", StringComparison.Ordinal).Replace("{o}'s", "{his}", StringComparison.Ordinal);
            slots["S"] = slots["he"];
            slots["o"] = slots["him"];
        }

        return Template.Fill(template, slots);
    }

    /// <summary>A question or an answer about the fact, with another value or another subject where one is given.</summary>
    public string Ask(string template, string? value = null, string? subject = null)
    {
        Dictionary<string, string> slots = Slots();
        if (value is not null)
        {
            slots["V"] = value;
        }

        if (subject is not null)
        {
            slots["S"] = slots["o"] = Named(subject);
            slots["n"] = subject;
        }

        return Template.Fill(template, slots);
    }

    // "The cat of her" and "in it" are not what a careful writer says.
    private bool AllowsPronoun(string template) =>
        !Unpronounced.Any(part => template.Contains(part, StringComparison.Ordinal)) && (Kind != "town" || !template.Contains("{o}", StringComparison.Ordinal));

    private string Named(string subject) => Kind is "ware" or "animal" ? "the " + subject : subject;

    private Dictionary<string, string> Slots() => new(StringComparer.Ordinal)
    {
        ["S"] = Named(Subject),
        ["o"] = Named(Subject),
        ["n"] = Subject,
        ["V"] = Value,
        ["k"] = PetKind,
        ["he"] = Female switch { true => "she", false => "he", null => "it" },
        ["his"] = Female switch { true => "her", false => "his", null => "its" },
        ["him"] = Female switch { true => "her", false => "him", null => "it" },
    };
}
