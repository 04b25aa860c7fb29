namespace Lapidary.Text.Jinja.Syntax;

/// <content>Macros, call blocks and targets.</content>
internal sealed partial class Parser
{
    private Statement.Macro ParseMacro(int at)
    {
        Token name = Expect(TokenKind.Name, "the name of the macro");
        (Parameters parameters, Statement[] body) = ParseCallableBody(at, ParseParameters(), "macro", "endmacro");
        return new Statement.Macro(at, AssignableName(name), parameters, body);
    }

    private Statement.CallBlock ParseCallBlock(int at)
    {
        // The parameters come first, and the call last: both stand before the body is parsed.
        List<(string, Expression?)> names = Current.IsOperator("(") ? ParseParameters() : [];
        Token begin = Current;
        if (ParseExpression() is not Expression.Call call)
        {
            throw source.Fail(begin.At, "a call block needs the call of a macro");
        }

        (Parameters parameters, Statement[] body) = ParseCallableBody(at, names, "call", "endcall");
        return new Statement.CallBlock(at, call, parameters, body);
    }

    private (Parameters Parameters, Statement[] Body) ParseCallableBody(int at, List<(string Name, Expression? Default)> names, string what, string end)
    {
        Expect(TokenKind.BlockEnd, "'%}'");
        int outerLoops = loops;
        loops = 0;
        var special = new HashSet<string>(StringComparer.Ordinal);
        specialNames.Add(special);
        Statement[] body = ParseBody([end], at, what);
        specialNames.RemoveAt(specialNames.Count - 1);
        loops = outerLoops;
        Take();
        foreach ((string name, _) in names)
        {
            special.Remove(name);
        }

        return (new Parameters([.. names], special.Contains("varargs"), special.Contains("kwargs"), special.Contains("caller")), body);
    }

    private List<(string Name, Expression? Default)> ParseParameters()
    {
        var names = new List<(string Name, Expression? Default)>();
        ExpectOperator("(");
        while (!SkipOperator(")"))
        {
            if (names.Count > 0)
            {
                ExpectOperator(",");
            }

            Token token = Expect(TokenKind.Name, "the name of a parameter");
            string name = AssignableName(token);
            if (names.Exists(known => known.Name == name))
            {
                throw source.Fail(token.At, $"the parameter '{name}' stands here twice");
            }

            Expression? value = SkipOperator("=") ? ParseExpression() : null;
            if (value is null && names.Count > 0 && names[^1].Default is not null)
            {
                throw source.Fail(token.At, $"the parameter '{name}' has no default but follows one that has");
            }

            names.Add((name, value));
        }

        return names;
    }

    private Target ParseTarget(bool allowAttribute, bool single = false)
    {
        int at = Current.At;
        if (allowAttribute && Current.Kind == TokenKind.Name && tokens[next + 1].IsOperator("."))
        {
            string owner = Take().Text;
            Take();
            return new Target.Attribute(at, owner, Expect(TokenKind.Name, "the name of an attribute").Text);
        }

        var items = new List<Target>();
        bool isTuple = false;
        do
        {
            if (items.Count > 0 && !IsTargetStart())
            {
                break;
            }

            items.Add(ParseTargetItem());
            isTuple |= !single && Current.IsOperator(",");
        }
        while (!single && SkipOperator(","));

        return isTuple ? new Target.Several(at, [.. items]) : items[0];
    }

    private bool IsTargetStart() => Current.IsOperator("(") || (Current.Kind == TokenKind.Name && Current.Text != "in");

    private Target ParseTargetItem()
    {
        Token token = Current;
        if (!SkipOperator("("))
        {
            return new Target.Name(token.At, AssignableName(Expect(TokenKind.Name, "a name to assign to")));
        }

        Enter(token.At);
        Target inner = ParseTarget(allowAttribute: false);
        Leave();
        ExpectOperator(")");
        return inner;
    }

    private string AssignableName(Token name) =>
        name.Text is "true" or "false" or "none" or "True" or "False" or "None"
            ? throw source.Fail(name.At, $"nothing can be assigned to '{name.Text}'")
            : name.Text;
}
