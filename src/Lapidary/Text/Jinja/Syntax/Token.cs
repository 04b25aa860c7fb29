namespace Lapidary.Text.Jinja.Syntax;

/// <summary>A piece of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text, decoded where it is a string literal.</param>
/// <param name="At">Where it begins.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int At)
{
    /// <summary>Whether this is a certain sign.</summary>
    public bool IsOperator(string sign) => Kind == TokenKind.Operator && Text == sign;

    /// <summary>Whether this is a certain name.</summary>
    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    /// <summary>The token as error messages say it.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.Data => "text",
        TokenKind.OutputBegin => "'{{'",
        TokenKind.OutputEnd => "'}}'",
        TokenKind.BlockBegin => "'{%'",
        TokenKind.BlockEnd => "'%}'",
        TokenKind.Text => "a string",
        _ => $"'{(Text.Length <= 40 ? Text : string.Concat(Text.AsSpan(0, 40), "..."))}'",
    };
}
