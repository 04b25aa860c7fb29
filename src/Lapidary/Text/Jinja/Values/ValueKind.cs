namespace Lapidary.Text.Jinja.Values;

/// <summary>The types of Python that templates deal in.</summary>
internal enum ValueKind
{
    /// <summary>A variable, an attribute or an item that does not exist.</summary>
    Undefined,

    /// <summary><c>None</c>.</summary>
    None,

    /// <summary><c>bool</c>.</summary>
    Boolean,

    /// <summary><c>int</c>.</summary>
    Integer,

    /// <summary><c>float</c>.</summary>
    Float,

    /// <summary><c>str</c>.</summary>
    Text,

    /// <summary><c>list</c>.</summary>
    List,

    /// <summary><c>tuple</c>.</summary>
    Tuple,

    /// <summary><c>range</c>.</summary>
    Range,

    /// <summary>What <c>map</c>, <c>select</c> and their like give: it can be walked over, but has no length and no items.</summary>
    Iterator,

    /// <summary><c>dict</c>.</summary>
    Dictionary,

    /// <summary>What <c>namespace()</c> makes.</summary>
    Namespace,

    /// <summary>The variable <c>loop</c>.</summary>
    Loop,

    /// <summary>A macro, a global function or a method.</summary>
    Function,
}
