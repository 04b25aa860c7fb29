using System.Text;
using Lapidary.Text.Jinja.Syntax;
using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <content>Expressions.</content>
internal sealed partial class Interpreter
{
    private Value Evaluate(Expression expression, Scope scope)
    {
        Enter();
        Spend(1);
        at = expression.At;
        Value value = EvaluateNode(expression, scope);
        Leave();
        return value;
    }

    private Value EvaluateNode(Expression expression, Scope scope)
    {
        switch (expression)
        {
            case Expression.Constant constant:
                return constant.Value;
            case Expression.Name name:
                return Lookup(name.Id, scope);
            case Expression.Attribute attribute:
                return AttributeAt(Evaluate(attribute.Target, scope), attribute.Id, attribute.At);
            case Expression.Item item:
                return ItemAt(item, scope);
            case Expression.Slice slice:
                return EvaluateSlice(slice, scope);
            case Expression.Call call:
                return EvaluateCall(call, scope);
            case Expression.Filter filter:
                return ApplyFilter(filter, Evaluate(filter.Operand!, scope), scope);
            case Expression.Test test:
                return EvaluateTest(test, scope);
            case Expression.Conditional conditional:
                return EvaluateConditional(conditional, scope);
            case Expression.Logical logical:
                return EvaluateLogical(logical, scope);
            case Expression.Comparison comparison:
                return EvaluateComparison(comparison, scope);
            case Expression.Concatenation concatenation:
                return EvaluateConcatenation(concatenation, scope);
            case Expression.Binary binary:
                return EvaluateBinary(binary, scope);
            case Expression.Unary unary:
                return EvaluateUnary(unary, scope);
            case Expression.Sequence sequence:
                return EvaluateSequence(sequence, scope);
            default:
                return EvaluateDictionary((Expression.Dictionary)expression, scope);
        }
    }

    private Value Lookup(string name, Scope scope) =>
        scope.TryGet(name, out Value value) || globals.TryGetValue(name, out value) ? value : Value.Missing(name);

    private Value AttributeAt(Value target, string name, int place)
    {
        at = place;
        return AttributeOf(target, name);
    }

    private Value ItemAt(Expression.Item item, Scope scope)
    {
        Value target = Evaluate(item.Target, scope);
        Value index = Evaluate(item.Index, scope);
        at = item.At;
        return ItemOf(target, index);
    }

    private Value EvaluateSlice(Expression.Slice slice, Scope scope)
    {
        Value target = Evaluate(slice.Target, scope);
        Value start = slice.Start is null ? Value.None : Evaluate(slice.Start, scope);
        Value stop = slice.Stop is null ? Value.None : Evaluate(slice.Stop, scope);
        Value step = slice.Step is null ? Value.None : Evaluate(slice.Step, scope);
        at = slice.At;
        return SliceOf(target, start, stop, step);
    }

    private Value EvaluateConditional(Expression.Conditional conditional, Scope scope)
    {
        if (IsTrue(Evaluate(conditional.Condition, scope)))
        {
            return Evaluate(conditional.Then, scope);
        }

        return conditional.Else is not null ? Evaluate(conditional.Else, scope) : Value.MissingElse;
    }

    private Value EvaluateLogical(Expression.Logical logical, Scope scope)
    {
        Value value = Evaluate(logical.Operands[0], scope);
        for (int i = 1; i < logical.Operands.Length && IsTrue(value) == logical.IsAnd; i++)
        {
            value = Evaluate(logical.Operands[i], scope);
        }

        return value;
    }

    private Value EvaluateComparison(Expression.Comparison comparison, Scope scope)
    {
        Value left = Evaluate(comparison.First, scope);
        foreach ((string sign, Expression operand) in comparison.Rest)
        {
            Value right = Evaluate(operand, scope);
            at = comparison.At;
            if (!Holds(sign, left, right))
            {
                return Value.False;
            }

            left = right;
        }

        return Value.True;
    }

    private Value EvaluateConcatenation(Expression.Concatenation concatenation, Scope scope)
    {
        var result = new StringBuilder();
        foreach (Expression part in concatenation.Parts)
        {
            string text = TextOf(Evaluate(part, scope));
            AllocateText(2L * text.Length);
            result.Append(text);
        }

        return Value.Of(result.ToString());
    }

    private Value EvaluateBinary(Expression.Binary binary, Scope scope)
    {
        Value left = Evaluate(binary.Left, scope);
        Value right = Evaluate(binary.Right, scope);
        at = binary.At;
        return Combine(binary.Sign, left, right);
    }

    private Value EvaluateUnary(Expression.Unary unary, Scope scope)
    {
        Value operand = Evaluate(unary.Operand, scope);
        at = unary.At;
        if (unary.Sign == "not")
        {
            return Value.Of(!IsTrue(operand));
        }

        if (operand.IsUndefined)
        {
            throw Fail(operand.Absence);
        }

        if (!operand.IsNumber)
        {
            throw Fail($"'{unary.Sign}' needs a number but found {Describe(operand)}");
        }

        int sign = unary.Sign == "-" ? -1 : 1;
        return operand.Kind == ValueKind.Float ? Value.Of(sign * operand.Number) : Value.Of(sign * operand.Whole);
    }

    private Value EvaluateSequence(Expression.Sequence sequence, Scope scope)
    {
        AllocateItems(sequence.Items.Length);
        var items = new Value[sequence.Items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = Evaluate(sequence.Items[i], scope);
        }

        return sequence.IsTuple ? Value.Tuple(items) : Value.List(items);
    }

    private Value EvaluateDictionary(Expression.Dictionary dictionary, Scope scope)
    {
        AllocateItems(3L * dictionary.Pairs.Length);
        OrderedDictionary<Value, Value> entries = new(KeyComparer.Instance);
        foreach ((Expression key, Expression value) in dictionary.Pairs)
        {
            entries[RequireKey(Evaluate(key, scope))] = Evaluate(value, scope);
        }

        return Value.Of(entries);
    }
}
