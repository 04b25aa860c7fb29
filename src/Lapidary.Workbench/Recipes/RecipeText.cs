using System.Text;

namespace Lapidary.Workbench.Recipes;

/// <summary>Texts of a recipe with <c>${name}</c> in them, and the arguments that they become.</summary>
internal static class RecipeText
{
    private const string Begin = "${";

    /// <summary>How a text names the output of a step.</summary>
    public static string Reference(string name) => Begin + name + "}";

    /// <summary>Whether an output of a step is named in it.</summary>
    public static bool HasReference(string text) => text.Contains(Begin, StringComparison.Ordinal);

    /// <summary>Puts values in the places of names; null where one of them has none. A <c>${</c> without its end stays as it is.</summary>
    public static string? Expand(string text, Func<string, string?> valueOf)
    {
        var expanded = new StringBuilder();
        int from = 0;
        while (text.IndexOf(Begin, from, StringComparison.Ordinal) is int begin and >= 0
            && text.IndexOf('}', begin) is int end and >= 0)
        {
            if (valueOf(text[(begin + Begin.Length)..end]) is not { } value)
            {
                return null;
            }

            expanded.Append(text, from, begin - from).Append(value);
            from = end + 1;
        }

        return expanded.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>What stands on the command line for a setting.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="valueOf">Gives a value with outputs of steps filled in.</param>
    public static IEnumerable<string> Arguments(RecipeSetting setting, Func<string, string> valueOf)
    {
        if (setting.Option.IsArgument)
        {
            return setting.Values.Select(valueOf);
        }

        string name = "--" + setting.Option.Name;
        return setting.Values.Count == 0
            ? [name]
            : setting.Values.Select(valueOf).SelectMany(value =>
                setting.Option.CanStandAlone || value.StartsWith('-') ? [$"{name}={value}"] : new[] { name, value });
    }
}
