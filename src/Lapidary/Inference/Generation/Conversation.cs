using System.Runtime.CompilerServices;
using System.Text;
using Lapidary.Text;

namespace Lapidary.Inference.Generation;

/// <summary>
/// A conversation that remembers its turns. A turn that is stopped in the middle keeps what was said until then, so that the
/// conversation goes on from there; one of which nothing was said is forgotten together with its question. Turns come one after
/// another.
/// </summary>
/// <param name="generator">What answers; it must outlive the conversation.</param>
public sealed class Conversation(TextGenerator generator)
{
    private readonly List<ChatTemplateMessage> turns = [];

    /// <summary>What the model is told before the first turn, or null.</summary>
    public string? SystemPrompt { get; set; }

    /// <summary>The turns so far, without the system prompt.</summary>
    public IReadOnlyList<ChatTemplateMessage> Turns => turns;

    /// <summary>The text that the model saw last, or null.</summary>
    public string? LastPrompt { get; private set; }

    /// <summary>Forgets all turns; the system prompt stays.</summary>
    public void Clear() => turns.Clear();

    /// <summary>Puts other turns in place of those of now, as when a conversation of before goes on.</summary>
    public void Restore(IEnumerable<ChatTemplateMessage> others)
    {
        ArgumentNullException.ThrowIfNull(others);
        turns.Clear();
        turns.AddRange(others);
    }

    /// <summary>Forgets the last question and its answer.</summary>
    /// <returns>The question, or null if there is none.</returns>
    public string? RemoveLast()
    {
        int question = turns.FindLastIndex(turn => turn.Role == "user");
        if (question < 0)
        {
            return null;
        }

        string? text = turns[question].Content;
        turns.RemoveRange(question, turns.Count - question);
        return text;
    }

    /// <summary>Says something and gives the answer as it comes.</summary>
    /// <exception cref="InvalidOperationException">The model has no chat template.</exception>
    /// <exception cref="ChatTemplateException">The template refuses the conversation.</exception>
    /// <exception cref="ArgumentException">The conversation does not fit into the context any more.</exception>
    /// <exception cref="OperationCanceledException">While enumerating: <paramref name="cancellation"/> was triggered.</exception>
    public async IAsyncEnumerable<TextStep> SendAsync(
        string text, TextGenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var question = new ChatTemplateMessage("user", text);
        IEnumerable<ChatTemplateMessage> before = SystemPrompt is null ? [] : [new ChatTemplateMessage("system", SystemPrompt)];
        LastPrompt = generator.Render(new ChatTemplateInput { Messages = [.. before, .. turns, question] }, cancellation);
        var answer = new StringBuilder();
        bool ended = false;
        try
        {
            await foreach (TextStep step in generator
                .GenerateAsync([.. generator.Tokenizer.Encode(LastPrompt)], options, cancellation).ConfigureAwait(false))
            {
                answer.Append(step.Text);
                ended = step.End is not null;
                yield return step;
            }
        }
        finally
        {
            if (ended || answer.Length > 0)
            {
                turns.Add(question);
                turns.Add(new ChatTemplateMessage("assistant", answer.ToString()));
            }
        }
    }
}
