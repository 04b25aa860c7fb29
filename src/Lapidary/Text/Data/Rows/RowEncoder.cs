using System.Text.Json;
using Lapidary.Text.Data.Files;

namespace Lapidary.Text.Data.Rows;

/// <summary>Makes tokens and labels of rows. Safe for use by several threads.</summary>
internal sealed class RowEncoder
{
    private readonly string path;
    private readonly TrainingDataOptions options;
    private readonly Tokenizer? tokenizer;
    private readonly ConversationEncoder? conversations;
    private readonly int vocabularySize;

    /// <summary>An encoder for the rows of one file.</summary>
    public RowEncoder(string path, TrainingDataOptions options, Tokenizer? tokenizer, ChatTemplate? template, int vocabularySize)
    {
        this.path = path;
        this.options = options;
        this.tokenizer = tokenizer;
        this.vocabularySize = vocabularySize;
        conversations = tokenizer is null || template is null ? null : new ConversationEncoder(tokenizer, template, options);
    }

    /// <summary>Encodes a row.</summary>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public EncodedRow Encode(RawRow row, CancellationToken cancellation)
    {
        var result = new EncodedRow(row.Line);
        try
        {
            if (row.Fault is not null)
            {
                throw new UnusableRowException(row.Fault);
            }

            if (row.Text is not null)
            {
                AddText(row.Text, row.Begins, row.Ends, result);
                return result;
            }

            using JsonDocument document = RowParser.Parse(row.Json!, row.Line);
            Add(RowParser.Read(document.RootElement), result, cancellation);
        }
        catch (UnusableRowException thrown)
        {
            result.Examples.Clear();
            result.Reason = thrown.Message;
        }
        catch (TrainingDataException thrown)
        {
            result.Error = thrown;
        }

        return result;
    }

    private void Add(DataRow row, EncodedRow result, CancellationToken cancellation)
    {
        switch (row)
        {
            case DataRow.Tokens ready:
                AddExample(ready.Ids, ready.Labels ?? ready.Ids, result);
                break;
            case DataRow.Text text:
                AddText(text.Content, begins: true, ends: true, result);
                break;
            case DataRow.Completion completion:
                AddCompletion(completion, result);
                break;
            case DataRow.Conversation conversation:
                AddConversation(conversation, result, cancellation);
                break;
            default:
                throw new InvalidOperationException($"{row.GetType()} is no row.");
        }
    }

    private void AddConversation(DataRow.Conversation conversation, EncodedRow result, CancellationToken cancellation)
    {
        Tokenizer needed = Needed("a conversation", result.Line);
        if (conversations is null)
        {
            throw new TrainingDataException(
                path, $"holds a conversation in {DataFile.UnitOf(path)} {result.Line}, for which the model needs a chat template, and {needed.Path} comes with none");
        }

        (int[] tokens, int[] labels, bool isExact) = conversations.Encode(conversation, cancellation);
        result.IsInexact = !isExact;
        AddExample(tokens, labels, result);
    }

    private void AddCompletion(DataRow.Completion row, EncodedRow result)
    {
        Tokenizer needed = Needed("text", result.Line);
        int[] prompt = Begun(needed, needed.Encode(row.Prompt, addBos: false));
        int[] tokens = Begun(needed, Ended(needed, needed.Encode(row.Prompt + row.Content, addBos: false)));
        int[] labels = [.. tokens];
        if (options.CompletionOnlyLoss ?? true)
        {
            int asked = prompt.AsSpan().CommonPrefixLength(tokens);
            result.IsInexact = asked < prompt.Length;
            labels.AsSpan(0, asked).Fill(TrainingData.IgnoredLabel);
        }

        AddExample(tokens, labels, result);
    }

    // A further sequence of the same text begins with the last token of the one before, which is not learned again: so every token is
    // learned once, and behind what stands before it.
    private void AddText(string text, bool begins, bool ends, EncodedRow result)
    {
        if (!begins && !options.SplitLongText)
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            throw new UnusableRowException("holds no text");
        }

        Tokenizer needed = Needed("text", result.Line);
        int[] body = needed.Encode(text, addBos: false);
        body = ends ? Ended(needed, body) : body;
        int[] tokens = Begun(needed, body);
        if (tokens.Length <= options.MaxLength || !options.SplitLongText)
        {
            result.IsTruncated = !ends && !options.SplitLongText;
            AddExample(tokens, tokens, result);
            return;
        }

        AddExample(tokens[..options.MaxLength], tokens[..options.MaxLength], result);
        for (int from = options.MaxLength - 1; from < tokens.Length - 1;)
        {
            int[] first = Begun(needed, [tokens[from]]);
            int count = Math.Min(options.MaxLength - first.Length, tokens.Length - 1 - from);
            int[] part = [.. first, .. tokens.AsSpan(from + 1, count)];
            int[] labels = [.. part];
            labels.AsSpan(0, first.Length).Fill(TrainingData.IgnoredLabel);
            AddExample(part, labels, result);
            from += count;
        }
    }

    private void AddExample(int[] tokens, int[] labels, EncodedRow result)
    {
        for (int at = 0; at < tokens.Length; at++)
        {
            if ((uint)tokens[at] >= (uint)vocabularySize)
            {
                throw new UnusableRowException($"has the token {tokens[at]} where 0 to {vocabularySize - 1} were expected");
            }

            if ((uint)labels[at] >= (uint)vocabularySize && labels[at] != TrainingData.IgnoredLabel)
            {
                throw new UnusableRowException($"has the label {labels[at]} where 0 to {vocabularySize - 1} or {TrainingData.IgnoredLabel} were expected");
            }
        }

        if (tokens.Length < 2 || TrainingData.TargetsIn(labels) == 0)
        {
            throw new UnusableRowException(
                tokens.Length < 2 ? $"has {(tokens.Length == 0 ? "no token" : "only one token")} where at least two were expected" : "has no token that is to be learned");
        }

        if (tokens.Length > options.MaxLength)
        {
            result.IsTruncated = true;
            tokens = tokens[..options.MaxLength];
            labels = labels[..options.MaxLength];
            if (TrainingData.TargetsIn(labels) == 0)
            {
                throw new UnusableRowException($"has its first token that is to be learned behind the {options.MaxLength} of the longest sequence");
            }
        }

        result.Examples.Add((tokens, labels));
    }

    private Tokenizer Needed(string what, int line) => tokenizer ?? throw new TrainingDataException(
        path, $"holds {what} in {DataFile.UnitOf(path)} {line}, for which the model needs a tokenizer, and it has none: only rows with input_ids can be used");

    private static int[] Begun(Tokenizer tokenizer, int[] ids) =>
        tokenizer.AddsBos && tokenizer.BosId is int bos && (ids.Length == 0 || ids[0] != bos) ? [bos, .. ids] : ids;

    private static int[] Ended(Tokenizer tokenizer, int[] ids) =>
        tokenizer.EosId is int eos && (ids.Length == 0 || ids[^1] != eos) ? [.. ids, eos] : ids;
}
