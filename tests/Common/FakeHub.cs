using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Lapidary.Tests.Common;

/// <summary>
/// A hub on this machine: it lists repositories, gives small files itself, and leads to another server for large ones, as the real one does.
/// What a test wants otherwise it says with <see cref="Instead"/>.
/// </summary>
public sealed class FakeHub : IDisposable
{
    /// <summary>The commit of every repository, which has no other.</summary>
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private static readonly string[] Large = [".safetensors", ".parquet", ".gguf"];

    private readonly Dictionary<string, IReadOnlyList<(string Path, byte[] Content)>> repositories = [];

    /// <summary>Starts the two servers.</summary>
    public FakeHub()
    {
        Hub = new LocalServer(request => Instead?.Invoke(request) ?? Answer(request));
        Storage = new LocalServer(request => InsteadOfStorage?.Invoke(request) ?? Stored(request));
    }

    /// <summary>The hub.</summary>
    public LocalServer Hub { get; }

    /// <summary>Where the large files are.</summary>
    public LocalServer Storage { get; }

    /// <summary>What the hub answers in the place of the usual; null for that.</summary>
    public Func<ServedRequest, ServedAnswer?>? Instead { get; set; }

    /// <summary>What the other server answers in the place of the usual; null for that.</summary>
    public Func<ServedRequest, ServedAnswer?>? InsteadOfStorage { get; set; }

    /// <summary>The hash by which the hub knows a content.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "It is the hash of git.")]
    public static string HashOf(string path, byte[] content) => IsLarge(path)
        ? Convert.ToHexStringLower(SHA256.HashData(content))
        : Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.SHA1, (byte[])[.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    /// <summary>Adds a repository.</summary>
    /// <param name="name">"models/ORG/NAME" or "datasets/ORG/NAME", and "@REVISION" where it is not the main one.</param>
    /// <param name="files">Its files.</param>
    public void Add(string name, params (string Path, string Content)[] files) => Add(name, [.. files.Select(file => (file.Path, Encoding.UTF8.GetBytes(file.Content)))]);

    /// <summary>Adds a repository.</summary>
    public void Add(string name, IReadOnlyList<(string Path, byte[] Content)> files) => repositories[name.Contains('@') ? name : name + "@main"] = files;

    /// <summary>The list of files of a repository, as the hub gives it.</summary>
    public static JsonObject Listing(IEnumerable<(string Path, byte[] Content)> files) => new()
    {
        ["id"] = "org/name",
        ["sha"] = Commit,
        ["cardData"] = new JsonObject { ["license"] = "gemma" },
        ["siblings"] = new JsonArray([.. files.Select(file => (JsonNode)Sibling(file.Path, file.Content))]),
    };

    /// <summary>An answer in JSON.</summary>
    public static ServedAnswer Json(JsonObject json) => new(200)
    {
        Body = Encoding.UTF8.GetBytes(json.ToJsonString()), Headers = [("Content-Type", "application/json")],
    };

    /// <summary>A refusal as the hub words it.</summary>
    public static ServedAnswer Refusal(int status, string code, string message) => new(status)
    {
        Headers = [("X-Error-Code", code), ("X-Error-Message", message)], Body = Encoding.UTF8.GetBytes(message),
    };

    /// <summary>Content, or the part of it that was asked for.</summary>
    public static ServedAnswer Content(ServedRequest request, byte[] content, params (string Name, string Value)[] headers)
    {
        if (request["range"] is not { } range)
        {
            return new ServedAnswer(200) { Body = content, Headers = headers };
        }

        int from = int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
        return from < content.Length
            ? new ServedAnswer(206) { Body = content[from..], Headers = [.. headers, ("Content-Range", $"bytes {from}-{content.Length - 1}/{content.Length}")] }
            : new ServedAnswer(416) { Headers = [("Content-Range", $"bytes */{content.Length}")] };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Hub.Dispose();
        Storage.Dispose();
    }

    private static bool IsLarge(string path) => Large.Contains(System.IO.Path.GetExtension(path));

    private static JsonObject Sibling(string path, byte[] content)
    {
        var file = new JsonObject { ["rfilename"] = path, ["size"] = content.Length };
        if (IsLarge(path))
        {
            file["blobId"] = new string('b', 40);
            file["lfs"] = new JsonObject { ["sha256"] = HashOf(path, content), ["size"] = content.Length, ["pointerSize"] = 134 };
        }
        else
        {
            file["blobId"] = HashOf(path, content);
        }

        return file;
    }

    private ServedAnswer Answer(ServedRequest request)
    {
        string path = Uri.UnescapeDataString(request.Target.Split('?')[0]);
        if (path.StartsWith("/api/", StringComparison.Ordinal))
        {
            string[] parts = path["/api/".Length..].Split("/revision/");
            return repositories.TryGetValue($"{parts[0]}@{parts[1]}", out IReadOnlyList<(string Path, byte[] Content)>? files) ? Json(Listing(files))
                : repositories.Keys.Any(key => key.StartsWith(parts[0] + "@", StringComparison.Ordinal)) ? Refusal(404, "RevisionNotFound", "Invalid rev id")
                : Refusal(401, "RepoNotFound", "Repository not found");
        }

        if (Find(path) is not { } content)
        {
            return Refusal(404, "EntryNotFound", "Entry not found");
        }

        return IsLarge(path)
            ? new ServedAnswer(302)
            {
                Headers =
                [
                    ("Location", $"{Storage.Address}{request.Target}?signature=secret"), ("X-Repo-Commit", Commit),
                    ("X-Linked-Etag", $"\"{HashOf(path, content)}\""), ("X-Linked-Size", content.Length.ToString(CultureInfo.InvariantCulture)),
                ],
            }
            : Content(request, content, ("X-Repo-Commit", Commit), ("ETag", $"\"{HashOf(path, content)}\""));
    }

    private ServedAnswer Stored(ServedRequest request) => Content(request, Find(Uri.UnescapeDataString(request.Target.Split('?')[0]))!);

    private byte[]? Find(string path)
    {
        string[] parts = path[1..].Split($"/resolve/{Commit}/", 2);
        string name = parts[0].StartsWith("datasets/", StringComparison.Ordinal) ? parts[0] : "models/" + parts[0];
        return repositories.Where(repository => repository.Key.StartsWith(name + "@", StringComparison.Ordinal))
            .SelectMany(repository => repository.Value)
            .Where(file => parts.Length == 2 && file.Path == parts[1])
            .Select(file => file.Content)
            .FirstOrDefault();
    }
}
