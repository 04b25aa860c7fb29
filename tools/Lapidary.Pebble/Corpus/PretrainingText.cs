using Lapidary.Pebble.Language;
using Lapidary.Pebble.Stories;
using Lapidary.Pebble.World;

namespace Lapidary.Pebble.Corpus;

/// <summary>The text of the pretraining: documents of all kinds in a fixed mixture, no two alike.</summary>
internal static class PretrainingText
{
    private static readonly string[] Relations = [.. Facts.All.Select(fact => fact.Relation.Name).Distinct()];

    // Shares of the documents. A third tells the world, so that every fact is told a few hundred times; the rest shows how to use it.
    private static readonly (int Share, Func<Dice, string> Make)[] Mixture =
    [
        (170, dice => WorldDocuments.Portrait(dice, dice.Pick(Cast.People).Name)),
        (30, dice => WorldDocuments.Portrait(dice, dice.Pick(Vale.Towns).Name)),
        (35, dice => WorldDocuments.Portrait(dice, dice.Pick(Vale.Wares).Name)),
        (20, dice => WorldDocuments.Portrait(dice, dice.Pick(Vale.Animals).Name)),
        (30, dice => WorldDocuments.Several(dice, [.. Cast.People.Select(person => person.Name)])),
        (25, dice => WorldDocuments.Several(dice, [.. Vale.Wares.Select(ware => ware.Name)])),
        (30, dice => WorldDocuments.Register(dice, dice.Pick(Relations))),
        (25, WorldDocuments.Groups),
        (25, WorldDocuments.Family),
        (40, WorldDocuments.Talk),
        (12, WorldDocuments.Roads),
        (10, WorldDocuments.Calendar),
        (110, PracticeDocuments.Tale),
        (120, PracticeDocuments.TaleWithOptions),
        (70, PracticeDocuments.Quiz),
        (85, PracticeDocuments.QuizWithOptions),
        (45, PracticeDocuments.Sums),
        (15, PracticeDocuments.LongSum),
        (3, PracticeDocuments.Tables),
        (35, PracticeDocuments.Comparisons),
        (70, PracticeDocuments.Tasks),
    ];

    /// <summary>Makes documents.</summary>
    /// <param name="dice">Chance.</param>
    /// <param name="count">How many.</param>
    /// <param name="taken">Documents that exist already; the new ones are added.</param>
    public static List<string> Make(Dice dice, int count, HashSet<string> taken)
    {
        var documents = new List<string>(count);
        while (documents.Count < count)
        {
            string document = dice.PickByShare(Mixture)(dice);
            if (taken.Add(document))
            {
                documents.Add(document);
            }
        }

        return documents;
    }
}
