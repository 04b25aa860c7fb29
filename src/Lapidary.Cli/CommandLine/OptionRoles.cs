using System.CommandLine;
using System.Runtime.CompilerServices;

namespace Lapidary.Cli.CommandLine;

/// <summary>The roles of options and arguments, said where each is made.</summary>
internal static class OptionRoles
{
    private static readonly ConditionalWeakTable<Symbol, object> Roles = [];

    /// <summary>Says what an option or an argument is to the artefact.</summary>
    public static TSymbol As<TSymbol>(this TSymbol symbol, OptionRole role)
        where TSymbol : Symbol
    {
        Roles.AddOrUpdate(symbol, role);
        return symbol;
    }

    /// <summary>What an option or an argument is to the artefact.</summary>
    public static OptionRole RoleOf(Symbol symbol) => Roles.TryGetValue(symbol, out object? role) ? (OptionRole)role : OptionRole.Setting;

    /// <summary>The name of an option without dashes, of an argument in small letters: as recipes and lineages have it.</summary>
    public static string NameOf(Symbol symbol) => symbol.Name.TrimStart('-').ToLowerInvariant();
}
