namespace Lapidary.Text.Jinja.Syntax;

/// <summary>What a token is.</summary>
internal enum TokenKind
{
    /// <summary>The end of the template.</summary>
    End,

    /// <summary>Text between tags.</summary>
    Data,

    /// <summary><c>{{</c>.</summary>
    OutputBegin,

    /// <summary><c>}}</c>.</summary>
    OutputEnd,

    /// <summary><c>{%</c>.</summary>
    BlockBegin,

    /// <summary><c>%}</c>.</summary>
    BlockEnd,

    /// <summary>A name or a keyword.</summary>
    Name,

    /// <summary>A string literal, decoded.</summary>
    Text,

    /// <summary>A whole number, as it is written.</summary>
    Integer,

    /// <summary>A number with a fraction or an exponent, as it is written.</summary>
    Float,

    /// <summary>A sign such as <c>+</c> or <c>==</c>.</summary>
    Operator,
}
