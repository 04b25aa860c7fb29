namespace Lapidary.Hub;

/// <summary>Why nothing, or not everything, came from the hub.</summary>
public enum HubFault
{
    /// <summary>A name, a revision, a pattern or a setting cannot be used.</summary>
    WrongRequest,

    /// <summary>The hub has no such repository, revision or file.</summary>
    NotFound,

    /// <summary>The hub does not let this user have it: it is gated or private, or the token is not valid.</summary>
    NoAccess,

    /// <summary>The settings forbid to ask the hub, and the cache does not have it.</summary>
    Offline,

    /// <summary>The hub cannot be reached, or fails, or asks to come back later.</summary>
    Unavailable,

    /// <summary>What the hub sent is not what it said it would send.</summary>
    WrongContent,

    /// <summary>The disk of the cache has not enough room.</summary>
    NoRoom,
}
