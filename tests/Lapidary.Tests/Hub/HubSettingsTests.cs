using Lapidary.Hub;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Hub;

/// <summary>The environment variables that programs for the hub obey.</summary>
public sealed class HubSettingsTests : IDisposable
{
    private readonly TemporaryFolder home = new();

    public void Dispose() => home.Dispose();

    [Theory]
    [InlineData("", "{0}/.cache/huggingface/hub")]
    [InlineData("XDG_CACHE_HOME=/xdg", "/xdg/huggingface/hub")]
    [InlineData("XDG_CACHE_HOME=/xdg;HF_HOME=/hf", "/hf/hub")]
    [InlineData("HF_HOME=/hf;HUGGINGFACE_HUB_CACHE=/old", "/old")]
    [InlineData("HF_HOME=/hf;HUGGINGFACE_HUB_CACHE=/old;HF_HUB_CACHE=/new", "/new")]
    [InlineData("HF_HOME=~/hf", "{0}/hf/hub")]
    [InlineData("HF_HUB_CACHE=$DISK/${DIRECTORY}/$UNKNOWN;DISK=/d;DIRECTORY=e", "/d/e/$UNKNOWN")]
    public void The_cache_is_where_huggingface_hub_has_it(string variables, string folder) =>
        Of(variables).Cache.Folder.ShouldBe(string.Format(folder, home.Path));

    [Fact]
    public void The_token_comes_from_a_variable_or_a_file()
    {
        Of("").Token.ShouldBeNull();
        Write(".cache/huggingface/token", "hf_stored\n");
        Of("").Token.ShouldBe("hf_stored");
        Of("HF_TOKEN= hf_given ").Token.ShouldBe("hf_given");
        Of("HUGGING_FACE_HUB_TOKEN=hf_older").Token.ShouldBe("hf_older");
        Write("elsewhere", "hf_elsewhere");
        Of("HF_TOKEN_PATH=~/elsewhere").Token.ShouldBe("hf_elsewhere");
        Of("HF_TOKEN=hf_given;HF_HUB_DISABLE_IMPLICIT_TOKEN=1").HasToken.ShouldBeFalse();
        Write("elsewhere", "\n");
        Of("HF_TOKEN_PATH=~/elsewhere").HasToken.ShouldBeFalse();
    }

    [Theory]
    [InlineData("hf_two words")]
    [InlineData("hf_line\nX-Header: 1")]
    [InlineData("hf_é")]
    public void A_token_that_is_none_is_refused_without_showing_it(string token)
    {
        HubException thrown = Should.Throw<HubException>(() => Of("HF_TOKEN=" + token));

        thrown.Message.ShouldBe("HF_TOKEN: expected a token of letters, digits and '_', found other characters");
        Write(".cache/huggingface/token", token);
        Should.Throw<HubException>(() => Of("")).ToString().ShouldNotContain("hf_");
    }

    [Theory]
    [InlineData("", "https://huggingface.co/")]
    [InlineData("HF_ENDPOINT=https://mirror.example/hub", "https://mirror.example/hub/")]
    [InlineData("HF_ENDPOINT=http://localhost:8080/", "http://localhost:8080/")]
    public void The_hub_can_be_another_one(string variables, string address) => Of(variables).Endpoint.AbsoluteUri.ShouldBe(address);

    [Theory]
    [InlineData("mirror.example")]
    [InlineData("ftp://mirror.example")]
    [InlineData("https://me:secret@mirror.example")]
    public void An_address_that_is_none_is_refused(string address) =>
        Should.Throw<HubException>(() => Of("HF_ENDPOINT=" + address)).Message.ShouldNotContain("secret");

    [Theory]
    [InlineData("", false)]
    [InlineData("HF_HUB_OFFLINE=0", false)]
    [InlineData("HF_HUB_OFFLINE=yes", true)]
    [InlineData("TRANSFORMERS_OFFLINE=1", true)]
    public void Offline_is_a_wish(string variables, bool isOffline) => Of(variables).IsOffline.ShouldBe(isOffline);

    private HubSettings Of(string variables)
    {
        Dictionary<string, string> all = variables.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return HubSettings.From(new HubEnvironment(all.GetValueOrDefault, home.Path));
    }

    private void Write(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(home[name])!);
        File.WriteAllText(home[name], content);
    }
}
