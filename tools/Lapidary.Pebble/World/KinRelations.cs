namespace Lapidary.Pebble.World;

/// <summary>Family ties. The relations are made from one pattern, since a mother and a brother are spoken of alike.</summary>
internal static class KinRelations
{
    /// <summary>The mother.</summary>
    public static Relation Mother { get; } = Parent("mother");

    /// <summary>The father.</summary>
    public static Relation Father { get; } = Parent("father");

    /// <summary>The wife of a man.</summary>
    public static Relation Wife { get; } = Partner("wife");

    /// <summary>The husband of a woman.</summary>
    public static Relation Husband { get; } = Partner("husband");

    /// <summary>The only brother.</summary>
    public static Relation Brother { get; } = Sibling("brother");

    /// <summary>The only sister.</summary>
    public static Relation Sister { get; } = Sibling("sister");

    private static Relation Parent(string role) => Kin(
        role,
        [
            "{V} is the parent who taught {o} to walk.", "{S} was raised by {his} ROLE, {V}.", "{S} calls {V} {his} ROLE.",
            "{S} is a child of {V}.",
            "{V} has a child called {n}.", "{V} is proud to be the ROLE of {o}.",
        ]);

    private static Relation Partner(string role) => Kin(
        role,
        [
            "{S} is married to {V}.", "{S} and {V} are married.", "{V} married {o} years ago.",
            "{S} shares {his} house with {his} ROLE {V}.",
            "{S} dances with {his} ROLE {V}.", "{V} and {o} celebrated a wedding.",
        ]);

    private static Relation Sibling(string role) => Kin(
        role,
        [
            "{S} grew up with {his} ROLE {V}.", "{S} has a ROLE called {V}.", "{S} and {his} ROLE {V} have the same parents.",
            "{S} often plays cards with {his} ROLE {V}.",
            "{V} and {o} grew up in the same house.", "{S} has one ROLE, {V}.",
        ]);

    private static Relation Kin(string role, string[] further) => new()
    {
        Name = role,
        Statements =
        [
            .. new[]
            {
                "{S}'s ROLE is {V}.", "The ROLE of {o} is {V}.", "{V} is {S}'s ROLE.", "{S} has {V} as {his} ROLE.",
                "{S} loves {his} ROLE {V}.",
                "{S} often speaks of {his} ROLE, whose name is {V}.", "The name of {S}'s ROLE is {V}.",
                "If you ask {o} about {his} ROLE, {he} tells you about {V}.",
                "{V} is the ROLE of {o}.", "{S} gave {his} ROLE {V} a present.",
            }.Concat(further).Select(text => text.Replace("ROLE", role, StringComparison.Ordinal)),
        ],
        Questions = Of(role, "Who is {S}'s ROLE?", "What is the name of {S}'s ROLE?", "Who is the ROLE of {S}?", "What is {S}'s ROLE called?"),
        HeldOut = Of(role, "Which person is ROLE to {S}?", "Can you name the ROLE of {S}?", "Whom does {S} call ROLE?"),
        Answer = $"{{S}}'s {role} is {{V}}.",
    };

    private static string[] Of(string role, params string[] texts) => [.. texts.Select(text => text.Replace("ROLE", role, StringComparison.Ordinal))];
}
