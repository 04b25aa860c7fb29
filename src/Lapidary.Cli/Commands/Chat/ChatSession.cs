using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Generation;
using Lapidary.Cli.Output;
using Lapidary.Cli.Terminal;
using Lapidary.Inference.Generation;

namespace Lapidary.Cli.Commands.Chat;

/// <summary>The conversation of <c>lapidary chat</c>: reads messages, answers them, obeys the commands between them.</summary>
internal sealed class ChatSession(
    string model,
    Conversation conversation,
    TextGenerator generator,
    ChatSettings settings,
    IMessageReader messages,
    Invocation invocation)
{
    private readonly Lock interruption = new();
    private CancellationTokenSource? answering;

    /// <summary>The turns.</summary>
    public Conversation Conversation => conversation;

    /// <summary>What can be set.</summary>
    public ChatSettings Settings => settings;

    /// <summary>What answers.</summary>
    public TextGenerator Generator => generator;

    /// <summary>Talks until there are no more messages.</summary>
    /// <param name="loadSeconds">How long the model took to load.</param>
    public void Run(double loadSeconds)
    {
        invocation.OnInterrupt = Interrupt;
        invocation.Kept = "the conversation was not saved";
        if (messages.IsInteractive)
        {
            Note($"{model}: {Units.Count(generator.Tokens.ContextLength)} tokens of context, loaded in {loadSeconds:0.00} s. /help lists the commands.");
        }

        while (Next() is { } message)
        {
            if (string.IsNullOrWhiteSpace(message))
            {
                continue;
            }

            if (message[0] != '/')
            {
                Answer(message, loadSeconds);
            }
            else if (!SlashCommands.Run(this, message))
            {
                return;
            }

            invocation.Cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Answers a message. What goes wrong is said, and the conversation stays as it was.</summary>
    public void Answer(string message, double loadSeconds = 0)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(invocation.Cancellation);
        lock (interruption)
        {
            answering = stop;
        }

        var answer = new Answer();
        var output = new AnswerOutput(invocation.Json);
        bool promptShown = !settings.ShowPrompt;
        try
        {
            answer.Collect(
                conversation.SendAsync(message, settings.Options, stop.Token),
                step =>
                {
                    if (!promptShown)
                    {
                        promptShown = true;
                        Note("prompt: " + conversation.LastPrompt);
                    }

                    output.Write(step.Text);
                },
                stop.Token);
        }
        catch (ArgumentException exception)
        {
            // The conversation has outgrown the context.
            string sentence = Quote.Line(exception.Message.Split(" (Parameter")[0]);
            if (!messages.IsInteractive)
            {
                throw new RequestException(sentence);
            }

            Note(sentence + " /undo and /clear make room.");
            return;
        }
        catch (CheckpointException exception) when (messages.IsInteractive)
        {
            // The template refuses the conversation.
            Note(Quote.Line(exception.Message));
            return;
        }
        finally
        {
            lock (interruption)
            {
                answering = null;
            }
        }

        output.End();
        Finish(answer, loadSeconds);
    }

    /// <summary>A line for the user that is no answer: stderr, fainter where that is a terminal.</summary>
    public static void Note(string text)
    {
        bool faint = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
        Console.Error.WriteLine(faint ? $"\e[2m{AnswerOutput.Clean(text)}\e[22m" : text);
    }

    private void Finish(Answer answer, double loadSeconds)
    {
        TimingResult timings = answer.Timings(answer.Prompt?.Tokens ?? 0, loadSeconds);
        if (invocation.Json)
        {
            invocation.Present(
                new ChatResult(
                    answer.Text, answer.FinishReason, answer.StopString, timings.PromptTokens, timings.GeneratedTokens, answer.End?.Seed, timings),
                ResultJson.Default.ChatResult,
                static _ => { });
        }
        else if (settings.ShowTimings && answer.Prompt is not null)
        {
            Note(
                $"prompt {timings.PromptTokens} tokens, {timings.CachedTokens} of them cached, {Units.Rate(timings.PromptTokensPerSecond)} tokens/s; "
                + $"answer {timings.GeneratedTokens} tokens, {Units.Rate(timings.GenerationTokensPerSecond)} tokens/s; {answer.FinishReason}");
        }
        else if (messages.IsInteractive && answer.FinishReason != "stop")
        {
            Note(answer.End is null ? "(stopped; the conversation goes on)" : "(cut off: the answer reached its longest length)");
        }
    }

    private string? Next()
    {
        invocation.IsWaiting = true;
        string? message = messages.Read();
        invocation.IsWaiting = false;
        return message;
    }

    // Ctrl-C stops the answer that is being given; with none it is left to whoever listens next.
    private bool Interrupt()
    {
        lock (interruption)
        {
            if (answering is null || answering.IsCancellationRequested)
            {
                return false;
            }

            answering.Cancel();
            return true;
        }
    }
}
