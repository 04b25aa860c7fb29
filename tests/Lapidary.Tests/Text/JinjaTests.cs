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
