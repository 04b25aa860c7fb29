using Lapidary.Text.Jinja.Syntax;
using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <content>Macros, calls, filters and tests.</content>
internal sealed partial class Interpreter
{
    /// <summary>Calls a value.</summary>
    public Value Call(Value target, IReadOnlyList<Value> positional, OrderedDictionary<string, Value>? named = null)
    {
        switch (target.Kind)
        {
            case ValueKind.Function:
                return target.Function.Body(new Arguments(this, target.Function.Name, positional, named));
            case ValueKind.Loop:
                return target.Loop.Recurse is { } recurse
                    ? recurse(new Arguments(this, "loop", positional, named))
                    : throw Fail("'loop' can be called only where the loop is recursive");
            case ValueKind.Undefined:
                throw Fail(target.Absence);
            default:
                throw Fail($"{Describe(target)} cannot be called");
        }
    }

    /// <summary>Applies a filter by its name.</summary>
    public Value ApplyFilter(string name, Value operand, IReadOnlyList<Value> positional, OrderedDictionary<string, Value>? named = null)
    {
        Spend(1);
        return Filters.Find(name, Options) is { } filter
            ? filter(operand, new Arguments(this, $"the filter '{name}'", positional, named))
            : throw Fail($"there is no filter '{name}'");
    }

    /// <summary>Applies a test by its name.</summary>
    public bool ApplyTest(string name, Value operand, IReadOnlyList<Value> positional, OrderedDictionary<string, Value>? named = null)
    {
        Spend(1);
        return Tests.Find(name) is { } test
            ? test(operand, new Arguments(this, $"the test '{name}'", positional, named))
            : throw Fail($"there is no test '{name}'");
    }

    private Value ApplyFilter(Expression.Filter filter, Value operand, Scope scope)
    {
        (List<Value> positional, OrderedDictionary<string, Value>? named) = EvaluateArguments(filter.Arguments, scope);
        at = filter.At;
        return ApplyFilter(filter.Id, operand, positional, named);
    }

    private Value EvaluateTest(Expression.Test test, Scope scope)
    {
        Value operand = Evaluate(test.Operand, scope);
        (List<Value> positional, OrderedDictionary<string, Value>? named) = EvaluateArguments(test.Arguments, scope);
        at = test.At;
        return Value.Of(ApplyTest(test.Id, operand, positional, named) != test.IsNegated);
    }

    private Value EvaluateCall(Expression.Call call, Scope scope, Value? caller = null)
    {
        Value target = Evaluate(call.Target, scope);
        (List<Value> positional, OrderedDictionary<string, Value>? named) = EvaluateArguments(call.Arguments, scope);
        at = call.At;
        if (caller is { } given)
        {
            named ??= [];
            if (!named.TryAdd("caller", given))
            {
                throw Fail("'caller' was given twice");
            }
        }

        return Call(target, positional, named);
    }

    private (List<Value> Positional, OrderedDictionary<string, Value>? Named) EvaluateArguments(CallArguments arguments, Scope scope)
    {
        var positional = new List<Value>(arguments.Positional.Length);
        foreach (Expression argument in arguments.Positional)
        {
            positional.Add(Evaluate(argument, scope));
        }

        if (arguments.Spread is not null)
        {
            IReadOnlyList<Value> rest = Iterate(Evaluate(arguments.Spread, scope));
            AllocateItems(rest.Count);
            positional.AddRange(rest);
        }

        if (arguments.Named.Length == 0 && arguments.NamedSpread is null)
        {
            return (positional, null);
        }

        OrderedDictionary<string, Value> named = [];
        foreach ((string name, Expression value) in arguments.Named)
        {
            AddNamed(named, name, Evaluate(value, scope));
        }

        if (arguments.NamedSpread is not null)
        {
            SpreadNamed(Evaluate(arguments.NamedSpread, scope), named);
        }

        return (positional, named);
    }

    private void SpreadNamed(Value value, OrderedDictionary<string, Value> named)
    {
        if (value.Kind != ValueKind.Dictionary)
        {
            throw Fail($"a dictionary was expected after '**' but {Describe(value)} was found");
        }

        foreach ((Value key, Value item) in value.Entries)
        {
            AddNamed(named, key.IsText ? key.Text : throw Fail($"{Describe(key)} is no name for an argument"), item);
        }
    }

    private void AddNamed(OrderedDictionary<string, Value> named, string name, Value value)
    {
        AllocateItems(1);
        if (!named.TryAdd(name, value))
        {
            throw Fail($"'{name}' was given twice");
        }
    }

    private Value MakeMacro(string name, Parameters parameters, Statement[] body, Scope scope)
    {
        AllocateItems(ItemsOfScope);
        return Value.Of(new Function(name, arguments => CallMacro(parameters, body, scope, arguments)));
    }

    private Value CallMacro(Parameters parameters, Statement[] body, Scope scope, Arguments arguments)
    {
        Enter();
        Scope inner = Inside(scope);
        foreach ((string name, Expression? fallback) in parameters.Names)
        {
            Value value = arguments.Take(name)
                ?? (fallback is null ? Value.Missing(() => $"the parameter '{name}' was not given") : Evaluate(fallback, inner));
            inner.Set(name, value);
        }

        BindRest(parameters, arguments, inner);
        int place = at;
        string text = Capture(body, inner);
        at = place;
        Leave();
        return Value.Of(text);
    }

    private static void BindRest(Parameters parameters, Arguments arguments, Scope inner)
    {
        if (parameters.UsesCaller)
        {
            inner.Set("caller", arguments.TakeNamed("caller") ?? Value.Missing(() => "there is no 'caller': the macro was not called by a call block"));
        }

        if (parameters.UsesRest)
        {
            inner.Set("varargs", Value.Tuple(arguments.TakeRest()));
        }

        if (parameters.UsesNamedRest)
        {
            OrderedDictionary<Value, Value> rest = new(KeyComparer.Instance);
            foreach ((string name, Value value) in arguments.TakeNamedRest())
            {
                rest.Add(Value.Of(name), value);
            }

            inner.Set("kwargs", Value.Of(rest));
        }

        arguments.End();
    }

    private void ExecuteCallBlock(Statement.CallBlock block, Scope scope)
    {
        Value caller = MakeMacro("caller", block.Parameters, block.Body, scope);
        Write(TextOf(EvaluateCall(block.Call, scope, caller)));
    }
}
