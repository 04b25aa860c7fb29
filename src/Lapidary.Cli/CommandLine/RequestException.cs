namespace Lapidary.Cli.CommandLine;

/// <summary>The request cannot be served as it stands. Its message is the one sentence that the user sees; the exit code is 2.</summary>
internal sealed class RequestException(string message) : Exception(message)
{
    /// <summary>The usual form: what it is about, what was expected, what was found.</summary>
    public static RequestException Expected(string subject, string expected, string found) =>
        new($"{subject}: expected {expected}, found {found}");
}
