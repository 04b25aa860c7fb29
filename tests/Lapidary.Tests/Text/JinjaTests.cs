using System.Text.Json;
using Lapidary.Tests.Common;
using Lapidary.Text.Jinja;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text;

/// <summary>The engine beside Python's Jinja2: what that makes of some 800 templates is stored in Fixtures/jinja.</summary>
public class JinjaTests
{
    private static readonly JsonElement Fixture = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("jinja/jinja.json"))).RootElement;

    [Theory]
    [InlineData("jinja")]
    [InlineData("eval")]
    [InlineData("chat")]
    public void Templates_give_what_Jinja2_gives(string environment)
    {
        JinjaOptions options = environment switch
        {
            "chat" => JinjaOptions.ChatTemplates,
            "eval" => JinjaOptions.Evaluation,
            _ => JinjaOptions.Default,
        };
        var differences = new List<string>();
        int count = 0;
        foreach (JsonElement one in Fixture.GetProperty("cases").EnumerateArray().Where(one => one.GetProperty("env").GetString() == environment))
        {
            count++;
            string template = one.GetProperty("template").GetString()!;
            string? expected = one.TryGetProperty("output", out JsonElement output) ? output.GetString() : null;
            string? actual = Render(template, options, out string? error);
            if (actual != expected)
            {
                differences.Add($"{template}\n  expected {expected ?? one.GetProperty("error").GetString()}\n  found    {actual ?? error}");
            }
        }

        count.ShouldBeGreaterThan(150);
        differences.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("%Y-%m-%d %H:%M:%S", "2024-02-03 15:06:07")]
    [InlineData("%d %B %y, %A, %I %p, %j", "03 February 24, Saturday, 03 PM, 034")]
    [InlineData("%-d/%-m %e %b %a %u %% %q %", "3/2  3 Feb Sat 6 % %q %")]
    public void The_clock_is_written_as_Python_writes_it(string format, string expected)
    {
        JinjaOptions options = JinjaOptions.ChatTemplates with { Clock = new StoppedClock() };
        string template = "{{ strftime_now('" + format + "') }}";

        JinjaTemplate.Parse(template, "template", options).Render(Fixture.GetProperty("context"), TestContext.Current.CancellationToken).ShouldBe(expected);
    }

    [Fact]
    public void The_functions_of_chat_templates_are_only_theirs()
    {
        Render("{{ raise_exception('x') }}", JinjaOptions.Default, out string? call).ShouldBeNull();
        Render("{% for i in items %}{% break %}{% endfor %}", JinjaOptions.Default, out string? block).ShouldBeNull();

        call.ShouldBe("template: line 1, column 19: 'raise_exception' is undefined");
        block.ShouldBe("template: line 1, column 24: 'break' is no block that can stand in the for block of line 1");
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2024, 2, 3, 15, 6, 7, TimeSpan.Zero);
    }

    private static string? Render(string template, JinjaOptions options, out string? error)
    {
        try
        {
            error = null;
            return JinjaTemplate.Parse(template, "template", options).Render(Fixture.GetProperty("context"), TestContext.Current.CancellationToken);
        }
        catch (JinjaException thrown)
        {
            error = thrown.Message;
            error.ShouldNotContain("\n");
            error.ShouldStartWith("template: line ");
            return null;
        }
    }
}
