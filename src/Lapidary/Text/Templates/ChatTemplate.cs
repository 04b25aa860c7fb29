using Lapidary.Checkpoints;
using Lapidary.Text.Jinja;

namespace Lapidary.Text;

/// <summary>
/// Makes the text of a conversation that a model was trained on, with the template that comes with the model. Texts are those that
/// transformers' <c>apply_chat_template</c> gives.
/// </summary>
public sealed class ChatTemplate
{
    private readonly JinjaTemplate template;
    private readonly JinjaTemplate? toolUse;
    private readonly Lazy<IReadOnlyList<string>> endOfTurnPieces;

    private ChatTemplate(JinjaTemplate template, JinjaTemplate? toolUse)
    {
        this.template = template;
        this.toolUse = toolUse;
        endOfTurnPieces = new Lazy<IReadOnlyList<string>>(() => EndOfTurnProbe.Find(this));
    }

    /// <summary>The text of the template.</summary>
    public string Source => template.Source;

    /// <summary>Where the template came from, as errors say it.</summary>
    public string Name => template.Name;

    /// <summary>
    /// The pieces of the vocabulary that the template writes where the model's turn ends, such as <c>&lt;end_of_turn&gt;</c>: a model that
    /// was trained on the template ends its turn with one of them. They are found by rendering two short conversations and looking at
    /// what follows the model's answer and the model's call of a tool. Empty where nothing in angle brackets does, or where the template
    /// refuses these conversations; whoever uses them should check that they are tokens of the vocabulary.
    /// </summary>
    public IReadOnlyList<string> EndOfTurnPieces => endOfTurnPieces.Value;

    /// <summary>Parses a template.</summary>
    /// <param name="source">Its text.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="ChatTemplateException">The text is not a template.</exception>
    public static ChatTemplate Parse(string source, string name) => new(ParseTemplate(source, name), null);

    /// <summary>Reads a template from a file.</summary>
    /// <exception cref="CheckpointException">The file cannot be read.</exception>
    /// <exception cref="ChatTemplateException">The text is not a template.</exception>
    public static ChatTemplate ReadFile(string path) => Parse(ChatTemplateFiles.ReadText(path), path);

    /// <summary>
    /// Finds the template of a model: in a folder <c>chat_template.jinja</c>, or else <c>chat_template</c> in <c>tokenizer_config.json</c>
    /// or <c>chat_template.json</c>, a text or a list of named ones; in a GGUF file <c>tokenizer.chat_template</c>. Where there is another
    /// one named <c>tool_use</c>, conversations with tools are rendered with it.
    /// </summary>
    /// <param name="path">A model folder or a GGUF file.</param>
    /// <returns>The template, or null if the model has none.</returns>
    /// <exception cref="CheckpointException">A file is not valid.</exception>
    /// <exception cref="ChatTemplateException">The text is not a template.</exception>
    public static ChatTemplate? Find(string path)
    {
        (ChatTemplateFiles.NamedTemplate? main, ChatTemplateFiles.NamedTemplate? tools) = ChatTemplateFiles.Find(path);
        return main is null ? null
            : new ChatTemplate(ParseTemplate(main.Source, main.Name), tools is null ? null : ParseTemplate(tools.Source, tools.Name));
    }

    /// <summary>Renders a conversation.</summary>
    /// <param name="input">The conversation and what goes with it.</param>
    /// <param name="cancellation">Ends the rendering.</param>
    /// <returns>
    /// The text. Where it begins with the beginning-of-sequence token, as Gemma's does, no second one belongs before it.
    /// </returns>
    /// <exception cref="ChatTemplateException">The template refuses the conversation, fails, or takes more than a template may.</exception>
    /// <exception cref="OperationCanceledException">The rendering was ended.</exception>
    public string Render(ChatTemplateInput input, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        JinjaTemplate chosen = input.Tools is not null && toolUse is not null ? toolUse : template;
        return Guard(() => chosen.Render(new ChatTemplateVariables(chosen).Of(input), cancellation));
    }

    private static JinjaTemplate ParseTemplate(string source, string name) => Guard(() => JinjaTemplate.Parse(source, name, JinjaOptions.ChatTemplates));

    private static T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (JinjaException thrown)
        {
            throw new ChatTemplateException(thrown);
        }
    }
}
