using System.Globalization;
using System.Numerics;
using System.Text;
using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja.Syntax;

/// <content>Expressions, from the loosest operator to the tightest, as Jinja2 ranks them.</content>
internal sealed partial class Parser
{
    private static readonly string[] ComparisonSigns = ["==", "!=", "<", "<=", ">", ">="];

    private Expression ParseExpression(bool withConditional = true)
    {
        Enter(Current.At);
        int before = depth;
        Expression result = ParseOr();
        while (withConditional && Current.IsName("if"))
        {
            int at = Take().At;
            Enter(at);
            Expression test = ParseOr();
            result = new Expression.Conditional(at, test, result, SkipName("else") ? ParseExpression() : null);
        }

        depth = before;
        Leave();
        return result;
    }

    // Values with commas between them, with or without parentheses around, are a tuple.
    private Expression ParseTuple(bool withConditional, bool isLoop = false)
    {
        int at = Current.At;
        var items = new List<Expression> { ParseExpression(withConditional) };
        if (!Current.IsOperator(","))
        {
            return items[0];
        }

        while (SkipOperator(",") && !EndsTuple(isLoop))
        {
            items.Add(ParseExpression(withConditional));
        }

        return new Expression.Sequence(at, [.. items], IsTuple: true);
    }

    private bool EndsTuple(bool isLoop) =>
        Current.Kind is TokenKind.OutputEnd or TokenKind.BlockEnd or TokenKind.End || Current.IsOperator(")")
        || (isLoop && (Current.IsName("recursive") || Current.IsName("if")));

    private Expression ParseOr() => ParseLogical("or", isAnd: false);

    private Expression ParseLogical(string name, bool isAnd)
    {
        Expression first = isAnd ? ParseNot() : ParseLogical("and", isAnd: true);
        if (!Current.IsName(name))
        {
            return first;
        }

        int at = Current.At;
        var operands = new List<Expression> { first };
        while (SkipName(name))
        {
            operands.Add(isAnd ? ParseNot() : ParseLogical("and", isAnd: true));
        }

        return new Expression.Logical(at, isAnd, [.. operands]);
    }

    private Expression ParseNot()
    {
        if (!Current.IsName("not"))
        {
            return ParseComparison();
        }

        int at = Take().At;
        Enter(at);
        Expression operand = ParseNot();
        Leave();
        return new Expression.Unary(at, "not", operand);
    }

    private Expression ParseComparison()
    {
        int at = Current.At;
        Expression first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (true)
        {
            if (Current.Kind == TokenKind.Operator && ComparisonSigns.Contains(Current.Text))
            {
                rest.Add((Take().Text, ParseSum()));
            }
            else if (SkipName("in"))
            {
                rest.Add(("in", ParseSum()));
            }
            else if (Current.IsName("not") && tokens[next + 1].IsName("in"))
            {
                next += 2;
                rest.Add(("not in", ParseSum()));
            }
            else
            {
                return rest.Count == 0 ? first : new Expression.Comparison(at, first, [.. rest]);
            }
        }
    }

    private Expression ParseSum() => ParseChain(["+", "-"], ParseConcatenation);

    private Expression ParseConcatenation()
    {
        int at = Current.At;
        Expression first = ParseProduct();
        if (!Current.IsOperator("~"))
        {
            return first;
        }

        var parts = new List<Expression> { first };
        while (SkipOperator("~"))
        {
            parts.Add(ParseProduct());
        }

        return new Expression.Concatenation(at, [.. parts]);
    }

    private Expression ParseProduct() => ParseChain(["*", "/", "//", "%"], ParsePower);

    private Expression ParsePower() => ParseChain(["**"], () => ParseUnary());

    private Expression ParseChain(string[] signs, Func<Expression> operand)
    {
        int before = depth;
        Expression result = operand();
        while (Current.Kind == TokenKind.Operator && signs.Contains(Current.Text))
        {
            Token sign = Take();
            Enter(sign.At);
            result = new Expression.Binary(sign.At, sign.Text, result, operand());
        }

        depth = before;
        return result;
    }

    // A filter applies to a number with its sign: -1|abs is 1.
    private Expression ParseUnary(bool withFilters = true)
    {
        int before = depth;
        Expression result;
        if (Current.IsOperator("-") || Current.IsOperator("+"))
        {
            Token sign = Take();
            Enter(sign.At);
            result = new Expression.Unary(sign.At, sign.Text, ParseUnary(withFilters: false));
        }
        else
        {
            result = ParsePrimary();
        }

        result = ParsePostfix(result);
        result = withFilters ? ParseFilters(result) : result;
        depth = before;
        return result;
    }

    private Expression ParsePrimary()
    {
        Token token = Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return ParseName(token);
            case TokenKind.Text:
                var text = new StringBuilder(token.Text);
                while (Current.Kind == TokenKind.Text)
                {
                    text.Append(Take().Text);
                }

                return new Expression.Constant(token.At, Value.Of(text.ToString()));
            case TokenKind.Integer:
                return new Expression.Constant(token.At, ParseInteger(token));
            case TokenKind.Float:
                return new Expression.Constant(token.At, Value.Of(double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture)));
            case TokenKind.Operator when token.Text == "(":
                return ParseParentheses(token.At);
            case TokenKind.Operator when token.Text == "[":
                return new Expression.Sequence(token.At, ParseItems("]"), IsTuple: false);
            case TokenKind.Operator when token.Text == "{":
                return ParseDictionary(token.At);
            default:
                next -= token.Kind == TokenKind.End ? 0 : 1;
                throw Unexpected("a value");
        }
    }

    private Expression ParseName(Token token)
    {
        if (token.Text is "varargs" or "kwargs" or "caller")
        {
            specialNames.ForEach(names => names.Add(token.Text));
        }

        return token.Text switch
        {
            "true" or "True" => new Expression.Constant(token.At, Value.True),
            "false" or "False" => new Expression.Constant(token.At, Value.False),
            "none" or "None" => new Expression.Constant(token.At, Value.None),
            _ => new Expression.Name(token.At, token.Text),
        };
    }

    private Value ParseInteger(Token token)
    {
        int radix = token.Text.Length > 2 ? (token.Text[1] | 0x20) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 } : 10;
        string digits = radix == 10 ? token.Text : token.Text[2..];
        if (digits.Length > 100)
        {
            throw source.Fail(token.At, $"a whole number of {digits.Length} digits is too long");
        }

        BigInteger number = 0;
        foreach (char digit in digits)
        {
            number = (number * radix) + Convert.ToInt32(digit.ToString(), 16);
        }

        return Value.Of(number);
    }

    private Expression ParseParentheses(int at)
    {
        if (SkipOperator(")"))
        {
            return new Expression.Sequence(at, [], IsTuple: true);
        }

        Expression inner = ParseTuple(withConditional: true);
        ExpectOperator(")");
        return inner;
    }

    private Expression[] ParseItems(string end)
    {
        var items = new List<Expression>();
        while (!SkipOperator(end))
        {
            if (items.Count > 0)
            {
                ExpectOperator(",");
                if (SkipOperator(end))
                {
                    break;
                }
            }

            items.Add(ParseExpression());
        }

        return [.. items];
    }

    private Expression.Dictionary ParseDictionary(int at)
    {
        var pairs = new List<(Expression, Expression)>();
        while (!SkipOperator("}"))
        {
            if (pairs.Count > 0)
            {
                ExpectOperator(",");
                if (SkipOperator("}"))
                {
                    break;
                }
            }

            Expression key = ParseExpression();
            ExpectOperator(":");
            pairs.Add((key, ParseExpression()));
        }

        return new Expression.Dictionary(at, [.. pairs]);
    }
}
