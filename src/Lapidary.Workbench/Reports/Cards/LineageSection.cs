using System.Globalization;
using System.Text;
using Lapidary.Workbench.Recipes;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>What a model was made from, and how to make it again.</summary>
internal static class LineageSection
{
    /// <summary>The section; null where nothing was recorded.</summary>
    public static CardSection? Create(CardFacts facts)
    {
        if (facts.Chain.Count == 0)
        {
            return null;
        }

        var text = new StringBuilder("## Lineage\n\n| step | made from | SHA-256 |\n| --- | --- | --- |\n");
        for (int i = 0; i < facts.Chain.Count; i++)
        {
            Lineage one = facts.Chain[i];
            foreach (LineageInput input in one.Inputs)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {i + 1}. {one.Command} | {input.Option}: {NameOf(input.Value)} | `{input.Sha256}` |\n");
            }
        }

        string artefact = facts.HasCheckpoint || facts.HasAdapter ? facts.Name : facts.GgufFiles[0];
        text.Append("\nA folder's hash is that of the lines that `sha256sum` prints for its files. `")
            .Append(Lineage.FileName).Append("` has all of it; with the inputs at hand, `lapidary make --from-lineage ").Append(artefact)
            .Append("` makes the model again and says whether it comes out the same to the last bit.\n");
        return new CardSection("lineage", text.ToString());
    }

    private static string NameOf(string value) =>
        Path.IsPathRooted(value) ? Path.GetFileName(Path.TrimEndingDirectorySeparator(value)) : value.Replace("|", "\\|", StringComparison.Ordinal);
}
