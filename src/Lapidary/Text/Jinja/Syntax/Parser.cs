using System.Runtime.CompilerServices;

namespace Lapidary.Text.Jinja.Syntax;

/// <summary>Makes a tree of a template. What Jinja2 reads from other files (include, import, extends, blocks) is refused.</summary>
internal sealed partial class Parser
{
    /// <summary>How deep blocks and expressions may nest. The tree is evaluated by recursion, so chains of operators count too.</summary>
    public const int DepthLimit = 200;

    private readonly SourceText source;
    private readonly JinjaOptions options;
    private readonly List<Token> tokens;
    private int next;
    private int depth;
    private int loops;

    // The special names that the bodies of the macros around here have read so far.
    private readonly List<HashSet<string>> specialNames = [];

    private Parser(SourceText source, JinjaOptions options)
    {
        this.source = source;
        this.options = options;
        tokens = Lexer.Read(source, options);
    }

    private Token Current => tokens[next];

    /// <summary>Parses a template.</summary>
    /// <exception cref="JinjaException">It is not one.</exception>
    public static Statement[] Parse(SourceText source, JinjaOptions options)
    {
        var parser = new Parser(source, options);
        return parser.ParseBody([], -1, "template");
    }

    private Token Take()
    {
        Token token = tokens[next];
        next += token.Kind == TokenKind.End ? 0 : 1;
        return token;
    }

    private bool SkipOperator(string sign)
    {
        bool found = Current.IsOperator(sign);
        next += found ? 1 : 0;
        return found;
    }

    private bool SkipName(string name)
    {
        bool found = Current.IsName(name);
        next += found ? 1 : 0;
        return found;
    }

    private void ExpectOperator(string sign)
    {
        if (!SkipOperator(sign))
        {
            throw Unexpected($"'{sign}'");
        }
    }

    private Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    private JinjaException Unexpected(string expected) => source.Fail(Current.At, $"{expected} was expected where {Current.Describe()} was found");

    private void Enter(int at)
    {
        if (++depth > DepthLimit || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw source.Fail(at, $"blocks or expressions nest more than {DepthLimit} deep");
        }
    }

    private void Leave() => depth--;

    /// <summary>
    /// Statements up to a tag that begins with one of the names, which is left as the current token; or to the end of the template,
    /// where no names are given.
    /// </summary>
    private Statement[] ParseBody(string[] ends, int begin, string what)
    {
        var body = new List<Statement>();
        Enter(Current.At);
        while (true)
        {
            Token token = Take();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    body.Add(new Statement.Data(token.At, token.Text));
                    break;
                case TokenKind.OutputBegin:
                    body.Add(new Statement.Output(token.At, ParseTuple(withConditional: true)));
                    Expect(TokenKind.OutputEnd, "'}}'");
                    break;
                case TokenKind.BlockBegin:
                    if (Current.Kind == TokenKind.Name && ends.Contains(Current.Text))
                    {
                        Leave();
                        return [.. body];
                    }

                    body.Add(ParseStatement(ends, begin, what));
                    Expect(TokenKind.BlockEnd, "'%}'");
                    break;
                default:
                    if (ends.Length > 0)
                    {
                        throw source.Fail(begin, $"the {what} block has no end '{{% {ends[^1]} %}}'");
                    }

                    Leave();
                    return [.. body];
            }
        }
    }

    private Statement ParseStatement(string[] ends, int begin, string what)
    {
        Token name = Expect(TokenKind.Name, "the name of a block");
        switch (name.Text)
        {
            case "if":
                return ParseIf(name.At);
            case "for":
                return ParseFor(name.At);
            case "set":
                return ParseSet(name.At);
            case "macro":
                return ParseMacro(name.At);
            case "call":
                return ParseCallBlock(name.At);
            case "filter":
                return ParseFilterBlock(name.At);
            case "with":
                return ParseWith(name.At);
            case "generation" when options.ChatFunctions:
                return ParseGeneration(name.At);
            case "break" or "continue" when options.ChatFunctions:
                return loops == 0
                    ? throw source.Fail(name.At, $"'{name.Text}' stands outside of a loop")
                    : name.Text == "break" ? new Statement.Break(name.At) : new Statement.Continue(name.At);
            case "include" or "import" or "from" or "extends" or "block":
                throw source.Fail(name.At, $"'{name.Text}' needs other templates, and templates are single files here");
            default:
                throw source.Fail(
                    name.At,
                    ends.Length == 0
                        ? $"{name.Describe()} is no block that can begin here"
                        : $"{name.Describe()} is no block that can stand in the {what} block of line {source.LineOf(begin)}");
        }
    }

    private Statement.If ParseIf(int at)
    {
        var branches = new List<(Expression, Statement[])>();
        do
        {
            Expression test = ParseTuple(withConditional: false);
            Expect(TokenKind.BlockEnd, "'%}'");
            branches.Add((test, ParseBody(["elif", "else", "endif"], at, "if")));
        }
        while (SkipName("elif"));

        Statement[] otherwise = [];
        if (SkipName("else"))
        {
            Expect(TokenKind.BlockEnd, "'%}'");
            otherwise = ParseBody(["endif"], at, "if");
        }

        Take();
        return new Statement.If(at, [.. branches], otherwise);
    }

    private Statement.For ParseFor(int at)
    {
        Target target = ParseTarget(allowAttribute: false);
        if (!SkipName("in"))
        {
            throw Unexpected("'in'");
        }

        Expression items = ParseTuple(withConditional: false, isLoop: true);
        Expression? condition = SkipName("if") ? ParseExpression() : null;
        bool isRecursive = SkipName("recursive");
        Expect(TokenKind.BlockEnd, "'%}'");
        loops++;
        Statement[] body = ParseBody(["else", "endfor"], at, "for");
        loops--;
        Statement[] otherwise = [];
        if (SkipName("else"))
        {
            Expect(TokenKind.BlockEnd, "'%}'");
            otherwise = ParseBody(["endfor"], at, "for");
        }

        Take();
        return new Statement.For(at, target, items, condition, isRecursive, body, otherwise);
    }

    private Statement ParseSet(int at)
    {
        Target target = ParseTarget(allowAttribute: true);
        if (SkipOperator("="))
        {
            return new Statement.Set(at, target, ParseTuple(withConditional: true));
        }

        Expression.Filter[] filters = ParseFilterNames(first: false);
        Expect(TokenKind.BlockEnd, "'=' or '%}'");
        Statement[] body = ParseBody(["endset"], at, "set");
        Take();
        return new Statement.SetBlock(at, target, filters, body);
    }

    private Statement.FilterBlock ParseFilterBlock(int at)
    {
        Expression.Filter[] filters = ParseFilterNames(first: true);
        Expect(TokenKind.BlockEnd, "'%}'");
        Statement[] body = ParseBody(["endfilter"], at, "filter");
        Take();
        return new Statement.FilterBlock(at, filters, body);
    }

    private Statement.With ParseWith(int at)
    {
        var assignments = new List<(Target, Expression)>();
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (assignments.Count > 0)
            {
                ExpectOperator(",");
            }

            Target target = ParseTarget(allowAttribute: false, single: true);
            ExpectOperator("=");
            assignments.Add((target, ParseExpression()));
        }

        Take();
        Statement[] body = ParseBody(["endwith"], at, "with");
        Take();
        return new Statement.With(at, [.. assignments], body);
    }

    // transformers marks the tokens in it for training; what is rendered is its body.
    private Statement.With ParseGeneration(int at)
    {
        Expect(TokenKind.BlockEnd, "'%}'");
        Statement[] body = ParseBody(["endgeneration"], at, "generation");
        Take();
        return new Statement.With(at, [], body);
    }
}
