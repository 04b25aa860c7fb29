using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lapidary.Tests.Common;

/// <summary>
/// A web server on a port of this machine that answers each request as a test says, also wrongly: it announces one length and sends another,
/// or cuts the connection. One request a connection.
/// </summary>
public sealed class LocalServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<ServedRequest> requests = new();
    private readonly Func<ServedRequest, ServedAnswer> answer;

    /// <summary>Starts it.</summary>
    public LocalServer(Func<ServedRequest, ServedAnswer> answer)
    {
        this.answer = answer;
        listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    /// <summary>Where it is, without a slash at the end.</summary>
    public string Address => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>What it was asked.</summary>
    public IReadOnlyList<ServedRequest> Requests => [.. requests];

    /// <inheritdoc/>
    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync(stop.Token);
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception thrown) when (thrown is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient connection = client;
        try
        {
            using NetworkStream stream = connection.GetStream();
            ServedRequest request = await ReadAsync(stream);
            requests.Enqueue(request);
            ServedAnswer given = answer(request);
            var head = new StringBuilder($"HTTP/1.1 {given.Status} Status\r\nConnection: close\r\n");
            if (!given.Headers.Any(header => header.Name == "Content-Length"))
            {
                head.Append($"Content-Length: {given.Body.Length}\r\n");
            }

            foreach ((string name, string value) in given.Headers)
            {
                head.Append($"{name}: {value}\r\n");
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
            await stream.WriteAsync(given.Body.AsMemory(0, given.CutAfter ?? given.Body.Length));
            await stream.FlushAsync();
            given.Sent?.Invoke();
        }
        catch (Exception thrown) when (thrown is IOException or SocketException or ObjectDisposedException)
        {
            // The client went away.
        }
    }

    private static async Task<ServedRequest> ReadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
            {
                throw new IOException("The client hung up.");
            }

            text.Append((char)one[0]);
        }

        string[] lines = text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new ServedRequest(
            lines[0].Split(' ')[1],
            lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(parts => parts[0].ToLowerInvariant(), parts => parts[1]));
    }
}
