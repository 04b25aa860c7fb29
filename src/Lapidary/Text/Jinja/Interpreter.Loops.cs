using System.Text;
using Lapidary.Text.Jinja.Syntax;
using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <content>Loops.</content>
internal sealed partial class Interpreter
{
    private Flow ExecuteLoop(Statement.For loop, Scope scope) => ExecuteLoop(loop, Evaluate(loop.Items, scope), scope, 0);

    private Flow ExecuteLoop(Statement.For loop, Value value, Scope scope, int level)
    {
        Enter();
        IReadOnlyList<Value> items = Iterate(value);
        if (loop.Condition is not null)
        {
            items = Where(loop, items, scope);
        }

        if (items.Count == 0)
        {
            Flow flow = Execute(loop.Else, new Scope(scope));
            Leave();
            return flow;
        }

        var state = new LoopState(items, level, loop.IsRecursive ? arguments => Recurse(loop, arguments, scope, level + 1) : null);
        for (int i = 0; i < items.Count; i++)
        {
            at = loop.At;
            state.Index = i;
            Scope inner = Inside(scope);
            Assign(loop.Target, items[i], inner);
            inner.Set("loop", Value.Of(state));
            if (Execute(loop.Body, inner) == Flow.Break)
            {
                break;
            }
        }

        Leave();
        return Flow.Next;
    }

    private List<Value> Where(Statement.For loop, IReadOnlyList<Value> items, Scope scope)
    {
        var kept = new List<Value>();
        foreach (Value item in items)
        {
            Scope inner = Inside(scope);
            Assign(loop.Target, item, inner);
            if (IsTrue(Evaluate(loop.Condition!, inner)))
            {
                AllocateItems(1);
                kept.Add(item);
            }
        }

        return kept;
    }

    private Value Recurse(Statement.For loop, Arguments arguments, Scope scope, int level)
    {
        Value items = arguments.Require("iterable");
        arguments.End();
        (StringBuilder outer, bool wasCaptured) = (output, isCaptured);
        (output, isCaptured) = (new StringBuilder(), true);
        ExecuteLoop(loop, items, scope, level);
        AllocateText(output.Length);
        string text = output.ToString();
        (output, isCaptured) = (outer, wasCaptured);
        return Value.Of(text);
    }

    private Value LoopAttribute(LoopState loop, string name)
    {
        int count = loop.Items.Count;
        return name switch
        {
            "index" => Value.Of(loop.Index + 1L),
            "index0" => Value.Of((long)loop.Index),
            "revindex" => Value.Of((long)(count - loop.Index)),
            "revindex0" => Value.Of(count - loop.Index - 1L),
            "first" => Value.Of(loop.Index == 0),
            "last" => Value.Of(loop.Index == count - 1),
            "length" => Value.Of((long)count),
            "depth" => Value.Of(loop.Depth + 1L),
            "depth0" => Value.Of((long)loop.Depth),
            "previtem" => loop.Index > 0 ? loop.Items[loop.Index - 1] : Value.Missing(() => "there is no previous item"),
            "nextitem" => loop.Index < count - 1 ? loop.Items[loop.Index + 1] : Value.Missing(() => "there is no next item"),
            "cycle" => Value.Of(new Function("loop.cycle", arguments => Cycle(loop, arguments))),
            "changed" => Value.Of(new Function("loop.changed", arguments => Value.Of(HasChanged(loop, arguments)))),
            _ => Value.Missing(() => $"'loop' has no attribute '{name}'"),
        };
    }

    private Value Cycle(LoopState loop, Arguments arguments)
    {
        List<Value> items = arguments.TakeRest();
        arguments.End();
        return items.Count > 0 ? items[loop.Index % items.Count] : throw Fail("loop.cycle needs something to cycle through");
    }

    private bool HasChanged(LoopState loop, Arguments arguments)
    {
        List<Value> now = arguments.TakeRest();
        arguments.End();
        bool same = loop.Watched is { } before && AreEqual(Value.Tuple(before), Value.Tuple(now));
        loop.Watched = now;
        return !same;
    }
}
