using System.Net;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Hub;

/// <summary>Puts what the hub refuses into one sentence, by the headers X-Error-Code and X-Error-Message that it sends along.</summary>
internal static class HubErrors
{
    /// <summary>The error for an answer that is no success.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="subject">What was asked for.</param>
    /// <param name="settings">Whom was asked, and as whom.</param>
    public static HubException Of(HttpResponseMessage response, HubSubject subject, HubSettings settings)
    {
        string code = Header(response, "X-Error-Code") ?? string.Empty;
        string message = Header(response, "X-Error-Message") ?? string.Empty;
        int status = (int)response.StatusCode;
        string page = new Uri(settings.Endpoint, subject.Repository.PagePath).AbsoluteUri;
        return (code, response.StatusCode) switch
        {
            ("GatedRepo", _) => new HubException(Gated(subject, page, settings.HasToken), HubFault.NoAccess),
            ("RevisionNotFound", _) => new HubException(
                $"{subject.Repository}: has no revision \"{ForeignText.Show(subject.Revision)}\"; {page} shows what there is", HubFault.NotFound),
            ("EntryNotFound", _) => new HubException($"{subject}: is not in the repository any more", HubFault.NotFound),
            (_, HttpStatusCode.Unauthorized) when message.StartsWith("Invalid ", StringComparison.Ordinal) => new HubException(
                $"{subject.Repository}: the hub does not accept the token; make another one at {new Uri(settings.Endpoint, "settings/tokens")}", HubFault.NoAccess),
            ("RepoNotFound", _) or (_, HttpStatusCode.Unauthorized or HttpStatusCode.NotFound) =>
                new HubException(NotFound(subject.Repository, settings), HubFault.NotFound),
            (_, HttpStatusCode.Forbidden) => new HubException(
                $"{subject.Repository}: the hub refuses access{Said(message)}; {page} may say why", HubFault.NoAccess),
            _ => new HubException($"{subject}: the hub answers with status {status}{Said(message)}", HubFault.Unavailable),
        };
    }

    /// <summary>The value of a header; null where it is not there.</summary>
    public static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

    private static string Gated(HubSubject subject, string page, bool hasToken) => hasToken
        ? $"{subject.Repository}: is gated, and the account of the token has no access; ask for it at {page}, and see that the token may read gated repositories"
        : $"{subject.Repository}: is gated; accept its conditions at {page} and set HF_TOKEN to a token of that account";

    // The hub does not tell a stranger whether there is a private one.
    private static string NotFound(HubRepository repository, HubSettings settings)
    {
        bool isModel = repository.Kind == HubRepositoryKind.Model;
        string access = settings.HasToken ? "or the account of the token may not see it" : "or it is private and needs HF_TOKEN";
        string other = isModel ? "; a data set is fetched with --dataset" : "; a model is fetched without --dataset";
        return $"{repository}: {settings.Endpoint.Host} has no such {(isModel ? "model" : "data set")}, {access}{other}";
    }

    private static string Said(string message) => message.Length == 0 ? string.Empty : $" (\"{ForeignText.Show(message)}\")";
}
