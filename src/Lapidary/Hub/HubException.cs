namespace Lapidary.Hub;

/// <summary>Something cannot be had from the hub. The message is one sentence that says what and, where there is a way, what to do.</summary>
public sealed class HubException : Exception
{
    /// <summary>An error.</summary>
    /// <param name="message">The sentence; it never holds the token.</param>
    /// <param name="fault">What kind of fault it is.</param>
    /// <param name="cause">What was caught, if anything.</param>
    public HubException(string message, HubFault fault, Exception? cause = null)
        : base(message, cause) => Fault = fault;

    /// <summary>What kind of fault it is.</summary>
    public HubFault Fault { get; }
}
