using Lapidary.Cli.CommandLine;

namespace Lapidary.Cli.Commands.Recipes;

/// <summary>Finds a recipe: a file, or one that comes with the tool, by its name.</summary>
internal static class RecipeLocator
{
    private const string Extension = ".yaml";

    /// <summary>The recipes that come along, by name.</summary>
    public static IReadOnlyList<string> Known { get; } = Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, "*" + Extension).Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)]
        : [];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "recipes");

    /// <summary>The path of a recipe.</summary>
    /// <exception cref="RequestException">There is none.</exception>
    public static string Find(string name) =>
        File.Exists(name) ? name
        : Known.Contains(name) ? Path.Combine(Folder, name + Extension)
        : throw RequestException.Expected(
            Quote.Line(name), $"a recipe in a file or one of {string.Join(", ", Known)}", "no such file" + Suggestion.For(name, Known));
}
