using System.Net;
using System.Net.Http.Headers;

namespace Lapidary.Hub;

/// <summary>
/// Asks the hub. Redirects are followed here and not by the client: the token goes to the hub alone, whatever host a file is on. What may pass
/// by itself (a lost connection, status 408, 429, 5xx) is tried again, a few times and with pauses that grow or that the hub asks for.
/// </summary>
/// <param name="settings">Whom to ask, and as whom.</param>
/// <param name="clock">Measures the pauses.</param>
internal sealed class HubConnection(HubSettings settings, TimeProvider clock) : IDisposable
{
    /// <summary>How often something is tried.</summary>
    public const int MostTries = 5;

    /// <summary>How long an answer, or more of it, is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int MostRedirects = 10;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    private readonly HttpClient client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None, ConnectTimeout = TimeSpan.FromSeconds(30),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The answer to a request, which is a success, or status 416 where a part was asked for.</summary>
    /// <param name="path">What to ask for, below the address of the hub.</param>
    /// <param name="subject">What errors call it.</param>
    /// <param name="offset">The first byte that is wanted.</param>
    /// <param name="log">Told of every further try.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="HubException">The hub refuses, or fails too often.</exception>
    public async Task<HubResponse> SendAsync(string path, HubSubject subject, long offset, Action<string> log, CancellationToken cancellation)
    {
        var uri = new Uri(settings.Endpoint, path);
        for (int tries = 1; ; tries++)
        {
            TimeSpan? wanted = null;
            string reason;
            Exception? cause = null;
            try
            {
                HubResponse response = await FollowAsync(uri, subject, offset, cancellation).ConfigureAwait(false);
                HttpStatusCode status = response.Message.StatusCode;
                if (response.Message.IsSuccessStatusCode || (status == HttpStatusCode.RequestedRangeNotSatisfiable && offset > 0))
                {
                    return response;
                }

                using (response)
                {
                    if (!IsPassing(status))
                    {
                        throw HubErrors.Of(response.Message, subject, settings);
                    }

                    wanted = RetryAfter(response.Message.Headers.RetryAfter);
                    reason = $"answers with status {(int)status}";
                }
            }
            catch (HttpRequestException thrown)
            {
                cause = thrown;
                reason = $"cannot be reached: {thrown.Message.TrimEnd('.')}";
                tries = thrown.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError ? MostTries : tries;
            }
            catch (OperationCanceledException thrown) when (!cancellation.IsCancellationRequested)
            {
                cause = thrown;
                reason = $"has not answered in {Patience.TotalSeconds:0} seconds";
            }

            await PauseAsync(tries, wanted, $"{subject}: {uri.Host} {reason}", cause, log, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Waits before another try.</summary>
    /// <param name="tries">How many there were.</param>
    /// <param name="wanted">How long the hub asks to wait; null where it does not.</param>
    /// <param name="sentence">What happened.</param>
    /// <param name="cause">What was caught.</param>
    /// <param name="log">Told what happened.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="HubException">There were enough, or the wait would be too long.</exception>
    public async Task PauseAsync(int tries, TimeSpan? wanted, string sentence, Exception? cause, Action<string> log, CancellationToken cancellation)
    {
        TimeSpan pause = wanted ?? TimeSpan.FromSeconds(1 << Math.Min(tries - 1, 6));
        if (tries >= MostTries || pause > LongestPause)
        {
            string wait = pause > LongestPause ? $", and asks to come back in {pause.TotalSeconds:0} seconds" : string.Empty;
            throw new HubException($"{sentence}{wait}; what was fetched is kept", HubFault.Unavailable, cause);
        }

        log($"{sentence}; another try in {pause.TotalSeconds:0} s");
        await Task.Delay(pause, clock, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private async Task<HubResponse> FollowAsync(Uri start, HubSubject subject, long offset, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Uri uri = start;
        List<HttpResponseMessage> answers = [];
        try
        {
            while (true)
            {
                patience.CancelAfter(Patience);
                using HttpRequestMessage request = RequestOf(uri, offset);
                answers.Add(await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false));
                if (NextOf(answers[^1], uri) is not { } next)
                {
                    break;
                }

                if (answers.Count > MostRedirects || (next.Scheme != Uri.UriSchemeHttps && (next.Scheme != Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)))
                {
                    throw new HubException($"{subject}: the hub leads from one address to another without end, or to one that is not safe", HubFault.WrongContent);
                }

                uri = next;
            }

            var response = new HubResponse(answers[^1]);
            answers.ForEach(response.Note);
            answers.RemoveAt(answers.Count - 1);
            return response;
        }
        finally
        {
            answers.ForEach(answer => answer.Dispose());
        }
    }

    private HttpRequestMessage RequestOf(Uri uri, long offset)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("lapidary", typeof(HubConnection).Assembly.GetName().Version?.ToString(3)));

        // The hashes and sizes are those of the content as it is.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (offset > 0)
        {
            request.Headers.Range = new RangeHeaderValue(offset, null);
        }

        if (settings.Token is { } token && IsHub(uri))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return request;
    }

    private bool IsHub(Uri uri) =>
        uri.Scheme == settings.Endpoint.Scheme && uri.Port == settings.Endpoint.Port && string.Equals(uri.Host, settings.Endpoint.Host, StringComparison.OrdinalIgnoreCase);

    private static Uri? NextOf(HttpResponseMessage answer, Uri uri) =>
        (int)answer.StatusCode is 301 or 302 or 303 or 307 or 308 && answer.Headers.Location is { } location && Uri.TryCreate(uri, location, out Uri? next) ? next : null;

    private static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? value)
    {
        TimeSpan? pause = value?.Delta ?? (value?.Date is { } date ? date - clock.GetUtcNow() : null);
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause;
    }
}
