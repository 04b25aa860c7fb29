using System.Text.Json.Nodes;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Output;
using Lapidary.Workbench.Evaluation.Tasks;

namespace Lapidary.Cli.Commands.Evaluation;

/// <summary>The names that <c>--tasks</c> takes.</summary>
internal static class TaskListReport
{
    /// <summary>Prints them.</summary>
    public static void Present(Invocation invocation, TaskLibrary library)
    {
        if (invocation.Json)
        {
            var document = new JsonObject();
            foreach (TaskListing listing in library.Listing)
            {
                document[listing.Name] = listing.Kind.ToString().ToLowerInvariant();
            }

            invocation.Write(document, ResultJson.Default.JsonObject);
            return;
        }

        using var report = new TextReport();
        report.Table(["name", "kind"], library.Listing.Select(listing => (string[])[listing.Name, listing.Kind.ToString().ToLowerInvariant()]));
    }
}
