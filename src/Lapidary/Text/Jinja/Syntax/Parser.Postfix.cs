namespace Lapidary.Text.Jinja.Syntax;

/// <content>What follows a value: attributes, items, calls, filters and tests.</content>
internal sealed partial class Parser
{
    private Expression ParsePostfix(Expression target)
    {
        while (true)
        {
            Token token = Current;
            if (SkipOperator("."))
            {
                Enter(token.At);
                target = Current.Kind == TokenKind.Integer
                    ? new Expression.Item(token.At, target, new Expression.Constant(Current.At, ParseInteger(Take())))
                    : new Expression.Attribute(token.At, target, Expect(TokenKind.Name, "the name of an attribute").Text);
            }
            else if (SkipOperator("["))
            {
                Enter(token.At);
                target = ParseSubscript(token.At, target);
            }
            else if (Current.IsOperator("("))
            {
                Enter(token.At);
                target = new Expression.Call(token.At, target, ParseArguments());
            }
            else
            {
                return target;
            }
        }
    }

    private Expression ParseSubscript(int at, Expression target)
    {
        Expression? start = Current.IsOperator(":") ? null : ParseTuple(withConditional: true);
        if (!SkipOperator(":"))
        {
            ExpectOperator("]");
            return new Expression.Item(at, target, start!);
        }

        Expression? stop = Current.IsOperator(":") || Current.IsOperator("]") ? null : ParseExpression();
        Expression? step = SkipOperator(":") && !Current.IsOperator("]") ? ParseExpression() : null;
        ExpectOperator("]");
        return new Expression.Slice(at, target, start, stop, step);
    }

    private CallArguments ParseArguments()
    {
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? spread = null;
        Expression? namedSpread = null;
        ExpectOperator("(");
        for (bool isFirst = true; !SkipOperator(")"); isFirst = false)
        {
            if (!isFirst)
            {
                ExpectOperator(",");
                if (SkipOperator(")"))
                {
                    break;
                }
            }

            Token token = Current;
            if (namedSpread is null && SkipOperator("**"))
            {
                namedSpread = ParseExpression();
            }
            else if (spread is null && namedSpread is null && SkipOperator("*"))
            {
                spread = ParseExpression();
            }
            else if (token.Kind == TokenKind.Name && tokens[next + 1].IsOperator("=") && namedSpread is null)
            {
                next += 2;
                named.Add((token.Text, ParseExpression()));
            }
            else if (named.Count == 0 && spread is null && namedSpread is null)
            {
                positional.Add(ParseExpression());
            }
            else
            {
                throw source.Fail(token.At, "an argument without a name follows one with a name");
            }
        }

        return new CallArguments([.. positional], [.. named], spread, namedSpread);
    }

    private Expression ParseFilters(Expression operand)
    {
        while (true)
        {
            Token token = Current;
            if (SkipOperator("|"))
            {
                Enter(token.At);
                operand = ParseFilter(operand);
            }
            else if (SkipName("is"))
            {
                Enter(token.At);
                operand = ParseTest(token.At, operand);
            }
            else if (Current.IsOperator("("))
            {
                Enter(token.At);
                operand = new Expression.Call(token.At, operand, ParseArguments());
            }
            else
            {
                return operand;
            }
        }
    }

    private Expression.Filter ParseFilter(Expression? operand)
    {
        Token name = Expect(TokenKind.Name, "the name of a filter");
        if (!Filters.Exists(name.Text, options))
        {
            throw source.Fail(name.At, $"there is no filter {name.Describe()}");
        }

        return new Expression.Filter(name.At, operand, name.Text, Current.IsOperator("(") ? ParseArguments() : CallArguments.None);
    }

    // In set and filter blocks the body is the operand of the first filter, whose result is that of the next.
    private Expression.Filter[] ParseFilterNames(bool first)
    {
        var filters = new List<Expression.Filter>();
        while (first || SkipOperator("|"))
        {
            filters.Add(ParseFilter(null));
            first = false;
        }

        return [.. filters];
    }

    private Expression.Test ParseTest(int at, Expression operand)
    {
        bool isNegated = SkipName("not");
        Token name = Expect(TokenKind.Name, "the name of a test");
        if (!Tests.Exists(name.Text))
        {
            throw source.Fail(name.At, $"there is no test {name.Describe()}");
        }

        CallArguments arguments = CallArguments.None;
        if (Current.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (BeginsArgument())
        {
            if (Current.IsName("is"))
            {
                throw source.Fail(Current.At, "tests cannot be chained with 'is'");
            }

            Expression argument = ParsePostfix(ParsePrimary());
            arguments = new CallArguments([argument], []);
        }

        return new Expression.Test(name.At, operand, name.Text, arguments, isNegated);
    }

    // A test may be followed by its one argument without parentheses.
    private bool BeginsArgument() => Current.Kind switch
    {
        TokenKind.Text or TokenKind.Integer or TokenKind.Float => true,
        TokenKind.Name => Current.Text is not ("else" or "or" or "and" or "if"),
        TokenKind.Operator => Current.Text is "(" or "[" or "{",
        _ => false,
    };
}
