using System.Globalization;
using System.Text;
using Lapidary.Workbench.Recipes;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>The files of a model with their sizes and hashes.</summary>
internal static class FilesSection
{
    public static CardSection Create(CardFacts facts)
    {
        var text = new StringBuilder("## Files\n\n| file | size | SHA-256 |\n| --- | --: | --- |\n");
        IEnumerable<LineageFile> files = facts.GgufFiles.SelectMany(name => ContentHash.FilesOf(Path.Combine(facts.Folder, name)));
        if (facts.HasCheckpoint || facts.HasAdapter)
        {
            files = ContentHash.FilesOf(facts.Folder).Concat(files);
        }

        foreach (LineageFile file in files)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {file.Name} | {file.Bytes:N0} | `{file.Sha256}` |\n");
        }

        return new CardSection("files", text.ToString());
    }
}
