using Lapidary.Pebble.World;
using Shouldly;
using Xunit;

namespace Lapidary.Pebble.Tests;

/// <summary>The world does not contradict itself.</summary>
public sealed class WorldTests
{
    private static readonly HashSet<string> Names = [.. Cast.People.Select(person => person.Name)];

    [Fact]
    public void NamesAndPetsAreUnique()
    {
        Cast.People.Count.ShouldBeInRange(40, 60);
        Vale.Towns.Count.ShouldBeInRange(12, 16);
        Names.Count.ShouldBe(Cast.People.Count);
        Cast.People.Select(person => person.PetName).Distinct().Count().ShouldBe(Cast.People.Count);
        Cast.People.Select(person => person.Age).Distinct().Count().ShouldBe(Cast.People.Count);
    }

    [Fact]
    public void GrownUpsHaveWorkOfTheirOwn()
    {
        List<Person> grown = [.. Cast.People.Where(person => !person.IsChild)];
        grown.Select(person => person.Job).Distinct().Count().ShouldBe(grown.Count);
        grown.ShouldAllBe(person => person.Age >= 18);
        Cast.People.Where(person => person.Job == "pupil").ShouldAllBe(person => person.Age >= Person.SchoolAge && person.Age < 18);
        Cast.People.Where(person => person.Job.Length == 0).ShouldAllBe(person => person.Age < Person.SchoolAge);
    }

    [Fact]
    public void MarriageIsMutual()
    {
        foreach (Person person in Cast.People.Where(person => person.Spouse is not null))
        {
            Person spouse = Vale.Find(person.Spouse!);
            spouse.Spouse.ShouldBe(person.Name);
            spouse.Female.ShouldNotBe(person.Female);
            spouse.FamilyName.ShouldBe(person.FamilyName);
        }
    }

    [Fact]
    public void ParentsAreOldEnoughAndMarriedToEachOther()
    {
        foreach (Person child in Cast.People.Where(person => person.Mother is not null))
        {
            Person mother = Vale.Find(child.Mother!);
            Person father = Vale.Find(child.Father!);
            mother.Female.ShouldBeTrue();
            father.Female.ShouldBeFalse();
            mother.Spouse.ShouldBe(father.Name);
            (Math.Min(mother.Age, father.Age) - child.Age).ShouldBeInRange(18, 45, child.Name);
        }
    }

    [Fact]
    public void BrothersAndSistersAreMutual()
    {
        foreach (Person person in Cast.People)
        {
            foreach (Person sibling in Vale.SiblingsOf(person))
            {
                Vale.SiblingsOf(sibling).ShouldContain(person);
            }
        }
    }

    [Fact]
    public void PeopleLiveInTownsAndRoadsJoinThemAll()
    {
        HashSet<string> towns = [.. Vale.Towns.Select(town => town.Name)];
        Cast.People.ShouldAllBe(person => towns.Contains(person.Town));
        Vale.Roads.ShouldAllBe(road => towns.Contains(road.From) && towns.Contains(road.To) && road.From != road.To);
        HashSet<string> reached = [Vale.Towns[0].Name];
        for (int i = 0; i < towns.Count; i++)
        {
            reached.UnionWith(Vale.Roads.Where(road => reached.Contains(road.From) || reached.Contains(road.To)).SelectMany(road => new[] { road.From, road.To }).ToList());
        }

        reached.Count.ShouldBe(towns.Count);

        // "Nearer" and "farther" need different distances from every town.
        foreach (string town in towns)
        {
            List<int> miles = [.. Vale.Roads.Where(road => road.From == town || road.To == town).Select(road => road.Miles)];
            miles.Distinct().Count().ShouldBe(miles.Count);
        }
    }

    [Fact]
    public void EveryRelationHasFifteenStatementsAndHeldOutQuestions()
    {
        foreach (Relation relation in Facts.All.Select(fact => fact.Relation).Distinct())
        {
            relation.Statements.Distinct().Count().ShouldBeGreaterThanOrEqualTo(15, relation.Name);
            relation.HeldOut.Count.ShouldBeGreaterThanOrEqualTo(3, relation.Name);
            relation.Questions.Intersect(relation.HeldOut).ShouldBeEmpty();
            relation.ReverseQuestions.Intersect(relation.ReverseHeldOut).ShouldBeEmpty();
            relation.ReverseQuestions.Any().ShouldBe(relation.ReverseHeldOut.Any());
        }
    }

    [Fact]
    public void AQuestionForTheSubjectHasOneAnswer()
    {
        foreach (IGrouping<string, Fact> facts in Facts.All.Where(fact => fact.Relation.ReverseQuestions.Any()).GroupBy(fact => fact.Relation.Name))
        {
            facts.Select(fact => fact.Value).Distinct().Count().ShouldBe(facts.Count(), facts.Key);
        }
    }

    [Fact]
    public void EveryFactCanBeToldInEveryWording()
    {
        foreach (Fact fact in Facts.All)
        {
            foreach (string template in fact.Relation.Statements)
            {
                foreach (bool pronoun in new[] { false, true })
                {
                    string told = fact.State(template, pronoun);
                    char.IsUpper(told[0]).ShouldBe(!char.IsDigit(told[0]), told);
                    told.ShouldNotContain("  ");
                    told.ShouldNotContain("{");
                    told.ShouldContain(fact.Value, Case.Insensitive);
                }
            }
        }
    }
}
