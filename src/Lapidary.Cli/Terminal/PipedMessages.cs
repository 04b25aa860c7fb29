namespace Lapidary.Cli.Terminal;

/// <summary>Messages from a pipe or a file, without a prompt; empty lines between them mean nothing.</summary>
internal sealed class PipedMessages(TextReader input) : IMessageReader
{
    public bool IsInteractive => false;

    public string? Read()
    {
        string? message;
        do
        {
            message = MessageText.Read(_ => input.ReadLine());
        }
        while (message is not null && string.IsNullOrWhiteSpace(message));

        return message;
    }
}
