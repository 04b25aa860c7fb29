namespace Lapidary.Pebble.World;

/// <summary>Somebody of the Vale. Kin are first names; every first name occurs once.</summary>
internal sealed record Person(
    string Name,
    bool Female,
    int Age,
    string FamilyName,
    string Job,
    string Town,
    string Food,
    string Colour,
    string Hobby,
    string PetKind,
    string PetName,
    string BirthMonth,
    string? Mother,
    string? Father,
    string? Spouse)
{
    /// <summary>Children below this age go to school or stay at home.</summary>
    public const int SchoolAge = 6;

    /// <summary>Whether the person is a child without work of its own.</summary>
    public bool IsChild => Job.Length == 0 || Job == "pupil";
}
