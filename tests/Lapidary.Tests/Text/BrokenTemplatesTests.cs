using System.Text.Json;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text;

public class BrokenTemplatesTests
{
    private static readonly Dictionary<string, BrokenTemplate> ByName = BrokenTemplates.All.ToDictionary(template => template.Name);

    public static TheoryData<string> Names => [.. ByName.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_template_is_refused_with_one_sentence(string name)
    {
        BrokenTemplate broken = ByName[name];
        string text = broken.Make();
        long before = GC.GetAllocatedBytesForCurrentThread();
        var thrown = Should.Throw<ChatTemplateException>(() => ChatTemplate.Parse(text, "template").Render(new ChatTemplateInput { Messages = [] }));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{allocated:N0} bytes: {thrown.Message}");

        // What costs too much may be stopped by the clock first, where a machine is busy.
        broken.Fragment.Split('|').Append("rendering takes longer than 10 seconds").ShouldContain(fragment => thrown.Message.Contains(fragment), thrown.Message);
        thrown.Message.ShouldStartWith($"template: line {thrown.Line}, column {thrown.Column}: ");
        thrown.Message.ShouldNotContain("\n");
        thrown.Message.Length.ShouldBeLessThan(400);

        // Everything counts here, whether it was freed or not.
        allocated.ShouldBeLessThan(2_000_000_000);
    }

    [Fact]
    public void A_refusal_by_the_template_can_be_told_from_a_fault()
    {
        var refused = Should.Throw<ChatTemplateException>(() => Render("{{ raise_exception('No system role') }}"));
        var failed = Should.Throw<ChatTemplateException>(() => Render("{{ a.b }}"));

        refused.IsRefusal.ShouldBeTrue();
        refused.Reason.ShouldBe("No system role");
        failed.IsRefusal.ShouldBeFalse();
    }

    [Fact]
    public void Variables_that_nest_too_deep_are_refused()
    {
        using JsonDocument deep = JsonDocument.Parse(new string('[', 300) + new string(']', 300), new JsonDocumentOptions { MaxDepth = 400 });
        var input = new ChatTemplateInput { Messages = [], Variables = new Dictionary<string, JsonElement> { ["x"] = deep.RootElement } };

        Should.Throw<ChatTemplateException>(() => ChatTemplate.Parse("{{ x }}", "template").Render(input)).Message.ShouldContain("nest more than 200 deep");
    }

    [Fact]
    public void Variables_that_are_not_Unicode_are_refused()
    {
        using JsonDocument json = JsonDocument.Parse("""{"x":"\ud800"}""");
        var input = new ChatTemplateInput { Messages = [], Variables = new Dictionary<string, JsonElement> { ["x"] = json.RootElement } };

        Should.Throw<ChatTemplateException>(() => ChatTemplate.Parse("{{ x }}", "template").Render(input)).Message.ShouldContain("not valid Unicode");
    }

    [Fact]
    public void A_rendering_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        ChatTemplate template = ChatTemplate.Parse("{% for i in range(100000) %}{{ i }}{% endfor %}", "template");

        Should.Throw<OperationCanceledException>(() => template.Render(new ChatTemplateInput { Messages = [] }, source.Token));
    }

    private static string Render(string template) => ChatTemplate.Parse(template, "template").Render(new ChatTemplateInput { Messages = [] });
}
