using System.Numerics;
using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <content>Operators, with Python's rules.</content>
internal sealed partial class Interpreter
{
    // Whole numbers have no size in Python. Here they end at what no template counts to.
    private const int LargestPower = 4096;

    /// <summary>The result of an operator of numbers, texts or lists.</summary>
    public Value Combine(string sign, Value left, Value right)
    {
        if (left.IsUndefined || right.IsUndefined)
        {
            throw Fail((left.IsUndefined ? left : right).Absence);
        }

        if (left.IsNumber && right.IsNumber)
        {
            return left.TryGetInt64(out long first) && right.TryGetInt64(out long second) && TryCombineSmall(sign, first, second, out long result) ? Value.Of(result)
                : left.IsWhole && right.IsWhole ? CombineWhole(sign, left.Whole, right.Whole)
                : Value.Of(CombineFloats(sign, left.Number, right.Number));
        }

        switch (sign)
        {
            case "+" when left.IsText && right.IsText:
                AllocateText((long)left.Text.Length + right.Text.Length);
                return Value.Of(left.Text + right.Text);
            case "+" when left.Kind == right.Kind && left.Kind is ValueKind.List or ValueKind.Tuple:
                AllocateItems((long)left.Items.Count + right.Items.Count);
                Value[] items = [.. left.Items, .. right.Items];
                return left.Kind == ValueKind.List ? Value.List(items) : Value.Tuple(items);
            case "*" when right.IsWhole:
                return Repeat(left, right);
            case "*" when left.IsWhole:
                return Repeat(right, left);
            case "%" when left.IsText:
                return Value.Of(Printf.Format(this, left.Text, right));
            default:
                throw Unfit(sign, left, right);
        }
    }

    private JinjaException Unfit(string sign, Value left, Value right) =>
        Fail($"'{sign}' does not fit between {Describe(left)} and {Describe(right)}");

    private Value Repeat(Value value, Value times)
    {
        if (!(value.IsText || value.Kind is ValueKind.List or ValueKind.Tuple))
        {
            throw Unfit("*", value, times);
        }

        int length = value.IsText ? value.Text.Length : value.Items.Count;
        BigInteger total = length * BigInteger.Max(times.Whole, 0);
        if (total > int.MaxValue)
        {
            Allocate(long.MaxValue / 2);
        }

        int count = length == 0 ? 0 : (int)(total / length);
        if (value.IsText)
        {
            AllocateText((long)total);
            return Value.Of(string.Create(length * count, value.Text, static (span, text) =>
            {
                for (int i = 0; i < span.Length; i += text.Length)
                {
                    text.CopyTo(span[i..]);
                }
            }));
        }

        AllocateItems((long)total);
        var items = new Value[length * count];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = value.Items[i % length];
        }

        return value.Kind == ValueKind.List ? Value.List(items) : Value.Tuple(items);
    }

    // What nearly all arithmetic of templates is.
    private static bool TryCombineSmall(string sign, long left, long right, out long result)
    {
        result = 0;
        if (sign.Length != 1 || sign[0] is not ('+' or '-') || left is < int.MinValue or > int.MaxValue || right is < int.MinValue or > int.MaxValue)
        {
            return false;
        }

        result = sign[0] == '+' ? left + right : left - right;
        return true;
    }

    private Value CombineWhole(string sign, BigInteger left, BigInteger right)
    {
        switch (sign)
        {
            case "+":
                return Bounded(left + right);
            case "-":
                return Bounded(left - right);
            case "*":
                return Bounded(left * right);
            case "**":
                return Power(left, right);
            case "/":
                RequireDivisor(right.IsZero);
                return Value.Of((double)left / (double)right);
            default:
                RequireDivisor(right.IsZero);
                BigInteger quotient = BigInteger.DivRem(left, right, out BigInteger rest);
                bool floor = !rest.IsZero && rest.Sign != right.Sign;
                return Value.Of(sign == "//" ? quotient - (floor ? 1 : 0) : rest + (floor ? right : 0));
        }
    }

    private Value Power(BigInteger left, BigInteger right)
    {
        if (right.Sign < 0)
        {
            RequireDivisor(left.IsZero);
            return Value.Of(Math.Pow((double)left, (double)right));
        }

        return right > LargestPower && BigInteger.Abs(left) > 1
            ? throw Fail($"a whole number of more than {LargestPower} bits is too large")
            : Bounded(BigInteger.Pow(left, right > LargestPower ? 2 + (int)(right % 2) : (int)right));
    }

    private Value Bounded(BigInteger value) => value.GetBitLength() <= LargestPower
        ? Value.Of(value)
        : throw Fail($"a whole number of more than {LargestPower} bits is too large");

    private double CombineFloats(string sign, double left, double right)
    {
        if (sign is "/" or "//" or "%")
        {
            RequireDivisor(right == 0);
        }

        double rest;
        switch (sign)
        {
            case "+":
                return left + right;
            case "-":
                return left - right;
            case "*":
                return left * right;
            case "/":
                return left / right;
            case "**":
                return Math.Pow(left, right);
            case "//":
                rest = left % right;
                rest += rest != 0 && (rest < 0) != (right < 0) ? right : 0;
                return Math.Floor(((left - rest) / right) + 0.5);
            default:
                rest = left % right;
                return rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest;
        }
    }

    private void RequireDivisor(bool isZero)
    {
        if (isZero)
        {
            throw Fail("a number is divided by zero");
        }
    }

    private bool Holds(string sign, Value left, Value right) => sign switch
    {
        "==" => AreEqual(left, right),
        "!=" => !AreEqual(left, right),
        "in" => Contains(right, left),
        "not in" => !Contains(right, left),
        "<" => Order(left, right, sign) < 0,
        "<=" => Order(left, right, sign) <= 0,
        ">" => Order(left, right, sign) is > 0 and < Unordered,
        _ => Order(left, right, sign) is >= 0 and < Unordered,
    };
}
