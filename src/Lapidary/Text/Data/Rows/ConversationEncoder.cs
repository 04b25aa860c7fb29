namespace Lapidary.Text.Data.Rows;

/// <summary>
/// Makes tokens of a conversation with the chat template, and finds what of them the assistant says. For each turn of the assistant the
/// conversation before it is rendered with the beginning of that turn, and the conversation up to its end; what lies between the tokens of
/// the two is learned: content, end of turn and what the template writes behind it.
/// </summary>
internal sealed class ConversationEncoder(Tokenizer tokenizer, ChatTemplate template, TrainingDataOptions options)
{
    private readonly string? bos = tokenizer.BosId is int id ? tokenizer.PieceOf(id) : null;
    private readonly string? eos = tokenizer.EosId is int id ? tokenizer.PieceOf(id) : null;

    /// <summary>Encodes a conversation.</summary>
    /// <returns>Tokens, labels, and whether the tokens before each turn are a prefix of those of the whole.</returns>
    /// <exception cref="UnusableRowException">The template refuses the conversation.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public (int[] Tokens, int[] Labels, bool IsExact) Encode(DataRow.Conversation row, CancellationToken cancellation)
    {
        ChatTemplateMessage[] messages = options.SystemPrompt is { } system && row.Messages[0].Role != "system"
            ? [new ChatTemplateMessage("system", system), .. row.Messages]
            : [.. row.Messages];
        int promptCount = row.PromptCount + messages.Length - row.Messages.Count;
        int[] tokens = Tokens(messages, messages.Length, false);
        int[] labels = [.. tokens];
        if (!(options.CompletionOnlyLoss ?? true))
        {
            return (tokens, labels, true);
        }

        labels.AsSpan().Fill(TrainingData.IgnoredLabel);
        bool isExact = true;
        int end = 0;

        // What lies behind the longest sequence will be cut off, so nobody has to know what it is.
        for (int turn = promptCount; turn < messages.Length && end < options.MaxLength; turn++)
        {
            if (messages[turn].Role != MessageList.Assistant)
            {
                continue;
            }

            int start = Math.Max(CommonWith(Tokens(messages, turn, true)), end);
            end = turn == messages.Length - 1 ? tokens.Length : Math.Max(CommonWith(Tokens(messages, turn + 1, false)), start);
            tokens.AsSpan(start..end).CopyTo(labels.AsSpan(start));
        }

        return (tokens, labels, isExact);

        int CommonWith(int[] prefix)
        {
            int common = prefix.AsSpan().CommonPrefixLength(tokens);
            isExact &= common == prefix.Length;
            return common;
        }

        int[] Tokens(ChatTemplateMessage[] all, int count, bool addGenerationPrompt)
        {
            try
            {
                string text = template.Render(
                    new ChatTemplateInput
                    {
                        Messages = new ArraySegment<ChatTemplateMessage>(all, 0, count),
                        AddGenerationPrompt = addGenerationPrompt,
                        BosToken = bos,
                        EosToken = eos,
                        Tools = row.ToolList,
                    },
                    cancellation);
                return tokenizer.Encode(text);
            }
            catch (ChatTemplateException thrown)
            {
                throw new UnusableRowException(
                    thrown.IsRefusal ? $"is refused by the chat template: {thrown.Reason}" : $"cannot be rendered ({thrown.Message})");
            }
        }
    }
}
