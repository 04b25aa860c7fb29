using System.Security.Cryptography;
using System.Text;

namespace Lapidary.Hub;

/// <summary>
/// The hash by which the hub knows the content of a file, computed while it comes: SHA-256 of a large file, for any other that of git,
/// SHA-1 over "blob", its size and its content (git, "Git Internals - Git Objects").
/// </summary>
internal sealed class BlobHash : IDisposable
{
    private readonly HubFile file;
    private readonly IncrementalHash hash;

    /// <summary>Begins the hash of a file.</summary>
    public BlobHash(HubFile file)
    {
        this.file = file;
        hash = IncrementalHash.CreateHash(IsSha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        Restart();
    }

    private bool IsSha256 => file.Hash.Length == 64;

    /// <summary>Forgets what came.</summary>
    public void Restart()
    {
        hash.GetHashAndReset();
        if (!IsSha256)
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"blob {file.Size}\0"));
        }
    }

    /// <summary>Adds content.</summary>
    public void Add(ReadOnlySpan<byte> content) => hash.AppendData(content);

    /// <summary>Whether the content is that of the file; begins anew.</summary>
    public bool Matches()
    {
        bool matches = Convert.ToHexStringLower(hash.GetHashAndReset()) == file.Hash;
        Restart();
        return matches;
    }

    /// <inheritdoc/>
    public void Dispose() => hash.Dispose();
}
