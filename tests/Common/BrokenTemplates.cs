namespace Lapidary.Tests.Common;

/// <summary>Hand-made chat templates that are wrong, or that would take a machine's memory or time if nothing stopped them.</summary>
public static class BrokenTemplates
{
    private const string Steps = "takes more than 5000000 steps";
    private const string Memory = "takes more than 134217728 bytes of memory";
    private const string Output = "the result has more than 16777216 characters";
    private const string Depth = "nests more than 1000 levels deep";
    private const string Nesting = "nest more than 200 deep";

    /// <summary>All of them.</summary>
    public static IEnumerable<BrokenTemplate> All => [.. Endless(), .. Large(), .. Deep(), .. Wrong(), .. Refused()];

    private static BrokenTemplate Of(string name, string text, string fragment) => new(name, () => text, fragment);

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static IEnumerable<BrokenTemplate> Endless()
    {
        yield return Of("range of 10^12", "{% for i in range(1000000000000) %}x{% endfor %}", "a range has more than 100000 numbers");
        yield return Of("range of 2^63", "{% for i in range(-9223372036854775807, 9223372036854775807) %}x{% endfor %}", "a range has more than 100000 numbers");
        yield return new(
            "nested loops",
            () => Repeat("{% for i in range(100000) %}", 8) + "{% set x = i %}" + Repeat("{% endfor %}", 8),
            Steps);
        yield return Of("nested loops over one list", "{% set l = range(100000)|list %}{% for a in l %}{% for b in l %}{{ '' }}{% endfor %}{% endfor %}", Steps);
        yield return Of("loop in an expression", "{% set l = range(100000)|list %}{{ l|map('string')|select('in', l)|list|length }}", Steps);
        yield return Of("macro without end", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", Depth);
        yield return Of("two macros without end", "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}", Depth);
        yield return Of("macro that calls itself twice", "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}", Steps);
        yield return Of("macro as its own caller", "{% macro m() %}{% call m() %}{% endcall %}{% endmacro %}{{ m() }}", "m has no argument 'caller'");
        yield return Of("default that calls the macro", "{% macro m(a=m()) %}{{ a }}{% endmacro %}{{ m() }}", Depth);
        yield return Of("loop without end", "{% for n in [1] recursive %}{{ loop([1]) }}{% endfor %}", Depth);
        yield return Of("sorting much", "{% set l = range(100000)|list %}{% for i in l %}{% set x = l|sort %}{% endfor %}", Steps);
    }

    private static IEnumerable<BrokenTemplate> Large()
    {
        yield return Of("text times 10^9", "{{ 'x' * 1000000000 }}", Memory);
        yield return Of("text times 10^18", "{{ 'x' * 1000000000000000000 }}", Memory);
        yield return Of("list times 10^9", "{{ [0] * 1000000000 }}", Memory);
        yield return Of("output of 1 GB", "{% set x = 'x' * 1000000 %}{% for i in range(1000) %}{{ x }}{% endfor %}", Output);
        yield return Of("output of 1 GB in a block", "{% set x = 'x' * 1000000 %}{% set y %}{% for i in range(1000) %}{{ x }}{% endfor %}{% endset %}", Output);
        yield return Of("doubling a text", "{% set ns = namespace(x='xx') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", Memory);
        yield return Of("doubling with a block", "{% set ns = namespace(x='xx') %}{% for i in range(60) %}{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}{% endfor %}", "takes more than|the result has more than");
        yield return Of("doubling a list", "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", Memory);
        yield return Of("list of lists, printed", "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}", "takes more than");
        yield return Of("list of lists, as JSON", "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}", "takes more than");
        yield return Of("list of lists, compared", "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}", Steps);
        yield return Of("tuple of tuples as a key", "{% set ns = namespace(x=(1,)) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}", Steps);
        yield return Of("replacing by much", "{% set x = 'x' * 10000 %}{{ x|replace('x', x)|length }}", Memory);
        yield return Of("joining much", "{% set x = 'x' * 100000 %}{{ range(100000)|join(x)|length }}", Memory);
        yield return Of("a wide text", "{{ 'x'.center(2000000000) }}", Memory);
        yield return Of("a wide format", "{{ '%999999999d' % 1 }}", "a width of a format is above 10000");
        yield return Of("indenting much", "{{ ('\n' * 1000000)|indent(1000, true, true) }}", Memory);
        yield return Of("a large power", "{{ 10 ** (10 ** 10) }}", "too large");
        yield return Of("squaring", "{% set ns = namespace(x=3) %}{% for i in range(100) %}{% set ns.x = ns.x * ns.x %}{% endfor %}", "too large");
        yield return Of("batch filled up", "{{ [1]|batch(2000000000, 0)|list|length }}", Memory);
        yield return new("a very long template", () => new string('x', 600_000), "has 600000 characters where at most 524288 were expected");
        yield return new("a very long template of tags", () => Repeat("{{a}}", 104_000) + "{{", "has no end '}}'");
    }

    private static IEnumerable<BrokenTemplate> Deep()
    {
        yield return new("parentheses", () => "{{ " + new string('(', 100_000) + "1" + new string(')', 100_000) + " }}", Nesting);
        yield return new("lists", () => "{{ " + new string('[', 100_000) + new string(']', 100_000) + " }}", Nesting);
        yield return new("signs", () => "{{ " + new string('-', 200_000) + "1 }}", Nesting);
        yield return new("not", () => "{{ " + Repeat("not ", 100_000) + "1 }}", Nesting);
        yield return new("sum", () => "{{ 1" + Repeat(" + 1", 100_000) + " }}", Nesting);
        yield return new("attributes", () => "{{ a" + Repeat(".a", 100_000) + " }}", Nesting);
        yield return new("filters", () => "{{ a" + Repeat("|trim", 80_000) + " }}", Nesting);
        yield return new("conditions", () => "{{ " + Repeat("1 if 1 else ", 40_000) + "1 }}", Nesting);
        yield return new("blocks", () => Repeat("{% if 1 %}", 20_000) + Repeat("{% endif %}", 20_000), Nesting);
        yield return new("targets", () => "{% for " + new string('(', 100_000) + "a" + new string(')', 100_000) + " in b %}{% endfor %}", Nesting);
        yield return Of("a list in a list in a list", "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}", Depth);
        yield return Of("a deep list, compared", "{% set ns = namespace(x=[], y=[]) %}{% for i in range(50000) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}{% endfor %}{{ ns.x == ns.y }}", Depth);
        yield return Of("a namespace in itself", "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}", Depth);
    }

    private static IEnumerable<BrokenTemplate> Wrong()
    {
        yield return Of("if without end", "a\n  {% if x %}b", "line 2, column 6: the if block has no end '{% endif %}'");
        yield return Of("for without end", "{% for x in y %}", "the for block has no end '{% endfor %}'");
        yield return Of("macro without end of the block", "{% macro m() %}", "the macro block has no end '{% endmacro %}'");
        yield return Of("raw without end", "{% raw %}{{ x }}", "the raw block has no end '{% endraw %}'");
        yield return Of("comment without end", "{# x", "the comment has no end '#}'");
        yield return Of("output without end", "{{ x", "the '{{' has no end '}}'");
        yield return Of("string without end", "{{ 'x }}", "the string has no end");
        yield return Of("end without beginning", "{% endfor %}", "'endfor' is no block that can begin here");
        yield return Of("wrong end", "{% if x %}{% endfor %}", "'endfor' is no block that can stand in the if block of line 1");
        yield return Of("unknown block", "{% frobnicate %}", "'frobnicate' is no block");
        yield return Of("unknown filter", "\n\n{{ x|frobnicate }}", "line 3, column 6: there is no filter 'frobnicate'");
        yield return Of("unknown filter in map", "{{ [1]|map('frobnicate')|list }}", "there is no filter 'frobnicate'");
        yield return Of("unknown test", "{{ x is frobnicate }}", "there is no test 'frobnicate'");
        yield return Of("includes itself", "{% include 'template' %}", "'include' needs other templates");
        yield return Of("imports", "{% import 'template' as t %}", "'import' needs other templates");
        yield return Of("extends", "{% extends 'template' %}", "'extends' needs other templates");
        yield return Of("bracket closed twice", "{{ (1)) }}", "')' closes nothing");
        yield return Of("bracket of another kind", "{{ (1] }}", "']' closes nothing");
        yield return Of("strange sign", "{{ 1 ? 2 }}", "'?' cannot stand in an expression");
        yield return Of("nothing in an output", "{{ }}", "a value was expected where '}}' was found");
        yield return Of("assignment to a constant", "{% set true = 1 %}", "nothing can be assigned to 'true'");
        yield return Of("break outside of a loop", "{% break %}", "'break' stands outside of a loop");
    }

    private static IEnumerable<BrokenTemplate> Refused()
    {
        yield return Of("raises", "{{ raise_exception('No\nsystem role\u0007') }}", "line 1, column 19: No system role");
        yield return Of("raises much", "{{ raise_exception('x' * 1000000) }}", "xxx...");
        yield return Of("attribute of nothing", "{{ a.b.c }}", "'a' is undefined");
        yield return Of("method of .NET", "{{ ''.GetType().Assembly }}", "has no attribute 'GetType'");
        yield return Of("method of Python", "{{ ''.__class__.__mro__ }}", "has no attribute '__class__'");
        yield return Of("text and number", "{{ 'a' + 1 }}", "'+' does not fit between the text \"a\" and 1");
        yield return Of("division by zero", "{{ 1 % 0 }}", "divided by zero");
        yield return Of("sorting what has no order", "{{ [1, 'a']|sort }}", "'<' does not fit between");
        yield return Of("calling a text", "{{ 'a'() }}", "cannot be called");
        yield return Of("too many values", "{% for a, b in [[1, 2, 3]] %}{% endfor %}", "2 values were expected but a list of 3 has 3");
    }
}
