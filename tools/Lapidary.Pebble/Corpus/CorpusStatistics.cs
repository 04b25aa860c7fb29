using System.Text.Json.Nodes;
using Lapidary.Pebble.Language;

namespace Lapidary.Pebble.Corpus;

/// <summary>What a corpus is like in numbers.</summary>
/// <param name="DocumentTokens">Tokens of the documents, estimated.</param>
/// <param name="ConversationTokens">Tokens of the conversations, estimated, without those of the template.</param>
/// <param name="Words">Different words of the documents.</param>
/// <param name="Runs">Runs of eight words within a document.</param>
/// <param name="DifferentRuns">Different ones of them: what is told again and again in the same words lowers it.</param>
internal sealed record CorpusStatistics(long DocumentTokens, long ConversationTokens, int Words, int Runs, int DifferentRuns)
{
    private const int RunLength = 8;

    /// <summary>Counts.</summary>
    public static CorpusStatistics Of(IReadOnlyList<string> documents, IReadOnlyList<List<Turn>> conversations)
    {
        var words = new HashSet<ulong>();
        var runs = new HashSet<ulong>();
        int count = 0;
        foreach (string document in documents)
        {
            List<ulong> hashes = [.. English.Words(document).Select(Dice.Hash)];
            words.UnionWith(hashes);
            for (int start = 0; start + RunLength <= hashes.Count; start++)
            {
                ulong run = 0;
                for (int i = 0; i < RunLength; i++)
                {
                    run = (run * 0x9E37_79B9_7F4A_7C15) ^ hashes[start + i];
                }

                runs.Add(run);
                count++;
            }
        }

        return new CorpusStatistics(
            documents.Sum(document => (long)English.EstimateTokens(document)),
            conversations.Sum(turns => turns.Sum(turn => (long)English.EstimateTokens(turn.User) + English.EstimateTokens(turn.Assistant))),
            words.Count,
            count,
            runs.Count);
    }

    /// <summary>As it stands in the manifest.</summary>
    public JsonObject ToJson() => new()
    {
        ["document_tokens"] = DocumentTokens,
        ["conversation_tokens"] = ConversationTokens,
        ["words"] = Words,
        ["runs_of_eight_words"] = Runs,
        ["different_runs_of_eight_words"] = DifferentRuns,
    };
}
