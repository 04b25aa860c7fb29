using System.Text.Json;
using Lapidary.Tests.Common;
using Lapidary.Text.Jinja;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text;

/// <summary>
/// Mutated templates: whatever happens to a valid one, it renders or throws a <see cref="JinjaException"/>, within its limits.
/// LAPIDARY_LONG_TESTS=1 runs 200,000 cases instead of a few thousand.
/// </summary>
public class TemplateFuzzTests
{
    private const int MaxOutput = 100_000;
    private const long AllocationLimit = 60_000_000;
    private static readonly int Cases = Environment.GetEnvironmentVariable("LAPIDARY_LONG_TESTS") == "1" ? 200_000 : 3_000;

    private static readonly string[] Snippets =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "(", ")", "[", "]", "{", "}", "'", "\"", "|", ".", ",", ":", "=", "==", "~", "*", "**", "//", "%", "\\",
        " if ", " else ", " for ", " in ", " is ", " not ", " and ", " or ", "none", "true", "loop", "namespace(", "range(", "range(99999)", "caller()",
        "varargs", "kwargs", "{% endfor %}", "{% endif %}", "{% for a in b %}", "{% set x = x + x %}", "{% macro m(x) %}{{ m(x) }}{% endmacro %}", "{{ m(1) }}",
        "{% raw %}", "{% endraw %}", "|tojson", "|map('upper')", "|list", "|sort", "|join", "|dictsort", "|length", "|int", "|round(999)", "[::-1]", "[1:]",
        "* 99999999", "9223372036854775807", "1e308", "'\\ud83d'", "😀", "\u0130", "\0", "\r", "messages", "'%9999d' % ", "|indent(999)", "|batch(3)",
    ];

    [Fact]
    public void Mutated_templates_render_or_fail_within_their_limits()
    {
        using JsonDocument fixture = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("jinja/jinja.json")));
        using JsonDocument conversations = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("templates/conversations.json")));
        string[] seeds =
        [
            File.ReadAllText(Fixtures.PathOf("templates/chat.jinja")),
            .. fixture.RootElement.GetProperty("cases").EnumerateArray().Select(one => one.GetProperty("template").GetString()!).Distinct(),
        ];
        JsonElement small = fixture.RootElement.GetProperty("context");
        JsonElement conversation = conversations.RootElement.EnumerateArray().First(one => one.GetProperty("name").GetString() == "two calls").GetProperty("context");
        JinjaOptions options = JinjaOptions.ChatTemplates with { MaxSteps = 50_000, MaxMemory = 2_000_000, MaxOutput = MaxOutput };
        int rendered = 0;
        for (int i = 0; i < Cases; i++)
        {
            var random = new Random(i);

            // The long template, which the others only add single constructions to, is every fourth.
            int seed = random.Next(4) == 0 ? 0 : random.Next(seeds.Length);
            string mutated = Mutate(seeds[seed], seeds, random);
            rendered += Run(mutated, options, seed == 0 ? conversation : small, i) ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Cases} cases, {rendered} rendered");
        rendered.ShouldBeGreaterThan(0);
    }

    private static bool Run(string template, JinjaOptions options, JsonElement context, int number)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool rendered = true;
        try
        {
            JinjaTemplate.Parse(template, "template", options).Render(context, TestContext.Current.CancellationToken).Length.ShouldBeLessThanOrEqualTo(MaxOutput);
        }
        catch (JinjaException thrown)
        {
            rendered = false;
            thrown.Message.ShouldNotContain("\n");
            thrown.Reason.ShouldNotContain("seconds");
        }
        catch (Exception thrown)
        {
            throw new InvalidOperationException($"Case {number}: {thrown.GetType().Name} for {template}", thrown);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        allocated.ShouldBeLessThan(AllocationLimit, $"case {number}: {template}");
        return rendered;
    }

    private static string Mutate(string template, string[] seeds, Random random)
    {
        string text = template;
        for (int edits = random.Next(1, 5); edits > 0; edits--)
        {
            int at = random.Next(text.Length + 1);
            int end = Math.Min(text.Length, at + random.Next(1, 40));
            text = random.Next(7) switch
            {
                0 => text[..at] + text[end..],
                1 => text[..at] + text[at..end] + text[at..],
                2 => text[..at] + (char)random.Next(0x20, 0x7F) + text[at..],
                3 => text[..at] + seeds[random.Next(1, seeds.Length)] + text[at..],
                4 => text[..at],
                _ => text[..at] + Snippets[random.Next(Snippets.Length)] + text[at..],
            };
        }

        return text;
    }
}
