namespace Lapidary.Pebble.World;

/// <summary>Everything that is true in the Vale, as facts that can be stated and asked for.</summary>
internal static class Facts
{
    /// <summary>All facts, in a fixed order.</summary>
    public static IReadOnlyList<Fact> All { get; } =
    [
        .. Cast.People.SelectMany(OfPerson),
        .. Vale.Towns.SelectMany(OfTown),
        .. Vale.Wares.SelectMany(OfWare),
        .. Vale.Animals.SelectMany(OfAnimal),
    ];

    private static readonly Dictionary<string, List<Fact>> BySubjectName = All.GroupBy(fact => fact.Subject).ToDictionary(group => group.Key, group => group.ToList());

    private static readonly Dictionary<string, List<Fact>> ByRelationName = All.GroupBy(fact => fact.Relation.Name).ToDictionary(group => group.Key, group => group.ToList());

    /// <summary>The facts about one subject.</summary>
    public static IReadOnlyList<Fact> About(string subject) => BySubjectName[subject];

    /// <summary>The facts of one relation.</summary>
    public static IReadOnlyList<Fact> OfRelation(string relation) => ByRelationName[relation];

    private static IEnumerable<Fact> OfPerson(Person person)
    {
        Fact Make(Relation relation, string value) => new(relation, "person", person.Name, value, person.Female) { PetKind = person.PetKind };

        if (!person.IsChild)
        {
            yield return Make(PersonRelations.Job, person.Job);
        }

        yield return Make(PersonRelations.Home, person.Town);
        yield return Make(PersonRelations.Age, person.Age.ToString());
        yield return Make(PersonRelations.Birthday, person.BirthMonth);
        yield return Make(PersonRelations.FamilyName, person.FamilyName);
        yield return Make(LikingRelations.Food, person.Food);
        yield return Make(LikingRelations.Colour, person.Colour);
        yield return Make(LikingRelations.Hobby, person.Hobby);
        yield return Make(LikingRelations.PetKind, person.PetKind);
        yield return Make(LikingRelations.PetName, person.PetName);
        if (person.Mother is not null && person.Father is not null)
        {
            yield return Make(KinRelations.Mother, person.Mother);
            yield return Make(KinRelations.Father, person.Father);
        }

        if (person.Spouse is not null)
        {
            yield return Make(person.Female ? KinRelations.Husband : KinRelations.Wife, person.Spouse);
        }

        // "Tom's sister" names somebody only where there is one.
        List<Person> brothers = [.. Vale.SiblingsOf(person).Where(other => !other.Female)];
        List<Person> sisters = [.. Vale.SiblingsOf(person).Where(other => other.Female)];
        if (brothers.Count == 1)
        {
            yield return Make(KinRelations.Brother, brothers[0].Name);
        }

        if (sisters.Count == 1)
        {
            yield return Make(KinRelations.Sister, sisters[0].Name);
        }
    }

    private static IEnumerable<Fact> OfTown(Town town) =>
    [
        new(TownRelations.Setting, "town", town.Name, town.Setting, null),
        new(TownRelations.KnownFor, "town", town.Name, town.KnownFor, null),
        new(TownRelations.Landmark, "town", town.Name, town.Landmark, null),
        new(TownRelations.MarketDay, "town", town.Name, town.MarketDay, null),
        new(TownRelations.Houses, "town", town.Name, town.Houses.ToString(), null),
    ];

    private static IEnumerable<Fact> OfWare(Ware ware) =>
    [
        new(WareRelations.Price, "ware", ware.Name, Language.English.Count(ware.Pennies, "penny"), null),
        new(WareRelations.Weight, "ware", ware.Name, Language.English.Count(ware.Pounds, "pound"), null),
        new(WareRelations.Material, "ware", ware.Name, ware.Material, null),
        new(WareRelations.Colour, "ware", ware.Name, ware.Colour, null),
    ];

    private static IEnumerable<Fact> OfAnimal(Animal animal) =>
    [
        new(AnimalRelations.Food, "animal", animal.Name, animal.Food, null),
        new(AnimalRelations.Home, "animal", animal.Name, animal.Home, null),
        new(AnimalRelations.Young, "animal", animal.Name, animal.Young, null),
        new(AnimalRelations.Sound, "animal", animal.Name, animal.Sound, null),
        new(AnimalRelations.Legs, "animal", animal.Name, animal.Legs.ToString(), null),
    ];
}
