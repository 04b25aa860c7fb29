using System.Collections.Immutable;
using Lapidary.Inference.Generation;
using Lapidary.Text;

namespace Lapidary.Pebble.Evaluation;

/// <summary>
/// How a model is asked: a tuned model through its chat template, a base model in the plain form of its training text,
/// <c>Question: ...</c>, line break, <c>Answer:</c>.
/// </summary>
internal sealed class PromptForm
{
    private readonly TextGenerator model;
    private readonly bool chat;

    /// <summary>A form for a model.</summary>
    public PromptForm(TextGenerator model, bool chat)
    {
        this.model = model;
        this.chat = chat;
    }

    /// <summary>What ends a plain answer; a chat answer ends with the turn.</summary>
    public ImmutableArray<string> StopStrings => chat ? [] : ["\n"];

    /// <summary>The tokens of a prompt.</summary>
    public ImmutableArray<int> Prompt(string prompt) => [.. model.Tokenizer.Encode(Render(prompt))];

    /// <summary>The tokens of an answer behind a prompt: those of both together without those of the prompt.</summary>
    public int[] Answer(string prompt, ImmutableArray<int> promptTokens, string answer)
    {
        int[] both = model.Tokenizer.Encode(Render(prompt) + (chat ? string.Empty : " ") + answer);

        // No token of either tokenizer spans the border: a line break or a colon ends the prompt.
        return both.AsSpan().StartsWith(promptTokens.AsSpan())
            ? both[promptTokens.Length..]
            : throw new InvalidOperationException($"The tokenizer joins the prompt and the answer '{answer}'.");
    }

    private string Render(string prompt) => chat
        ? model.Render(new ChatTemplateInput { Messages = [new ChatTemplateMessage("user", prompt)] })
        : $"Question: {prompt}\nAnswer:";
}
