using System.Buffers;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Hub;

/// <summary>A repository of the hub by its name, which becomes a part of paths and addresses and can therefore be nothing but a name.</summary>
public sealed record HubRepository
{
    private const int LongestName = 96;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private HubRepository(HubRepositoryKind kind, string id)
    {
        Kind = kind;
        Id = id;
    }

    /// <summary>What it holds.</summary>
    public HubRepositoryKind Kind { get; }

    /// <summary>Its name: "organisation/name", or "name" alone.</summary>
    public string Id { get; }

    /// <summary>The name of its folder in the cache.</summary>
    internal string CacheName => $"{Plural}--{Id.Replace("/", "--", StringComparison.Ordinal)}";

    /// <summary>The name without the organisation.</summary>
    internal string Name => Id[(Id.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>Where people look at it, below the address of the hub.</summary>
    internal string PagePath => Kind == HubRepositoryKind.Dataset ? $"datasets/{Id}" : Id;

    private string Plural => Kind == HubRepositoryKind.Dataset ? "datasets" : "models";

    /// <summary>
    /// Makes a repository of its name. By the rules of the hub a name, like that of its organisation, has 1 to 96 letters, digits, '-', '_'
    /// and '.', begins and ends with a letter, a digit or '_', and has neither "--" nor ".." in it.
    /// </summary>
    /// <param name="kind">What it holds.</param>
    /// <param name="id">"organisation/name", or "name" alone.</param>
    /// <exception cref="HubException">It is no name.</exception>
    public static HubRepository Parse(HubRepositoryKind kind, string id) => TryParse(kind, id) ?? throw new HubException(
        $"\"{ForeignText.Show(id)}\" is no name on the hub, where ORGANISATION/NAME was expected", HubFault.WrongRequest);

    /// <summary>Makes a repository of its name, or null where it is none.</summary>
    /// <inheritdoc cref="Parse(HubRepositoryKind, string)" path="/param"/>
    public static HubRepository? TryParse(HubRepositoryKind kind, string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        string[] parts = id.Split('/');
        return parts.Length <= 2 && parts.All(IsName) && !id.EndsWith(".git", StringComparison.Ordinal) ? new HubRepository(kind, id) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Id;

    /// <summary>Where the hub says what is in it, below its address.</summary>
    internal string ListingPath(string revision) => $"api/{Plural}/{Id}/revision/{Uri.EscapeDataString(revision)}?blobs=true";

    /// <summary>Where the hub has a file, below its address.</summary>
    internal string FilePath(string commit, string file) =>
        $"{PagePath}/resolve/{commit}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}";

    private static bool IsName(string part) =>
        part.Length is > 0 and <= LongestName
        && !part.AsSpan().ContainsAnyExcept(NameCharacters)
        && part[0] is not ('-' or '.')
        && part[^1] is not ('-' or '.')
        && !part.Contains("--", StringComparison.Ordinal)
        && !part.Contains("..", StringComparison.Ordinal);
}
