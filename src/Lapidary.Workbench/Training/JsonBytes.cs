using System.Text;
using System.Text.Json.Nodes;

namespace Lapidary.Workbench.Training;

/// <summary>JSON as the bytes of a file.</summary>
internal static class JsonBytes
{
    public static byte[] Of(JsonNode node) => Encoding.UTF8.GetBytes(node.ToString() + "\n");
}
