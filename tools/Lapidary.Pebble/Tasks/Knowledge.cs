using Lapidary.Pebble.Language;
using Lapidary.Pebble.World;

namespace Lapidary.Pebble.Tasks;

/// <summary>Questions about the facts of the world.</summary>
internal static class Knowledge
{
    /// <summary>An open question in the words of the training text.</summary>
    public static Exercise Open(Dice dice, Fact fact) => IsReverse(dice, fact)
        ? new Exercise("knowledge", fact.Ask(dice.Pick(fact.Relation.ReverseQuestions)), fact.Ask(fact.Relation.ReverseAnswer))
        : new Exercise("knowledge", fact.Ask(dice.Pick(fact.Relation.Questions)), fact.Ask(fact.Relation.Answer));

    /// <summary>A question with options.</summary>
    /// <param name="dice">Chance.</param>
    /// <param name="fact">What it is about.</param>
    /// <param name="heldOut">Whether it is asked in words that the training text does not have.</param>
    /// <param name="position">Where the right option stands; null for chance.</param>
    public static Exercise Choose(Dice dice, Fact fact, bool heldOut = false, int? position = null)
    {
        Relation relation = fact.Relation;
        if (IsReverse(dice, fact))
        {
            string who = fact.Ask(dice.Pick(heldOut ? relation.ReverseHeldOut : relation.ReverseQuestions));
            List<string> others = dice.PickSome(Subjects(fact), MultipleChoice.Options - 1);
            return MultipleChoice.Make(dice, "knowledge-mc", who, fact.Subject, others, subject => fact.Ask(relation.ReverseAnswer, subject: subject), position);
        }

        string what = fact.Ask(dice.Pick(heldOut ? relation.HeldOut : relation.Questions));
        return MultipleChoice.Make(dice, "knowledge-mc", what, fact.Value, WrongValues(dice, fact), value => fact.Ask(relation.Answer, value: value), position);
    }

    private static bool IsReverse(Dice dice, Fact fact) => fact.Relation.ReverseQuestions.Count > 0 && dice.Chance(35);

    // Other subjects that have the relation with another value; of a kind that the question allows.
    private static IEnumerable<string> Subjects(Fact fact) =>
        Facts.OfRelation(fact.Relation.Name).Where(other => other.Value != fact.Value).Select(other => other.Subject);

    private static List<string> WrongValues(Dice dice, Fact fact)
    {
        List<string> others = [.. Facts.OfRelation(fact.Relation.Name).Select(other => other.Value).Distinct().Where(value => value != fact.Value && value != fact.Subject)];
        if (fact.Relation.Name == AnimalRelations.Legs.Name)
        {
            others = [.. new[] { "2", "3", "4", "5", "6", "8" }.Where(value => value != fact.Value)];
        }

        return dice.PickSome(others, MultipleChoice.Options - 1);
    }
}
