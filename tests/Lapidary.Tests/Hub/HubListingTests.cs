using System.Text;
using Lapidary.Hub;
using Lapidary.Tests.Checkpoints;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Hub;

/// <summary>The hub's list of files, whatever it is.</summary>
public class HubListingTests
{
    private const string Sha = $"\"sha\":\"{FakeHub.Commit}\"";
    private const string Blob = "\"blobId\":\"9e26dfeeb6e641a33dae4961196235bdb965b21b\"";

    [Fact]
    public void A_large_file_is_listed_by_its_own_hash_and_size()
    {
        string hash = new('a', 64);
        HubListing listing = Parse($$$"""{"private":false,{{{Sha}}},"siblings":[{"rfilename":"a.json","size":2,{{{Blob}}}},{"rfilename":"b","size":9,{{{Blob}}},"lfs":{"sha256":"{{{hash}}}","size":10,"pointerSize":9}}]}""");

        listing.Commit.ShouldBe(FakeHub.Commit);
        listing.Files.ShouldBe([new HubFile("a.json", 2, "9e26dfeeb6e641a33dae4961196235bdb965b21b"), new HubFile("b", 10, hash)]);
    }

    [Theory]
    [InlineData("", "is not valid JSON where a list of files was expected")]
    [InlineData("<html>", "is not valid JSON where a list of files was expected")]
    [InlineData("[]", "lists no commit")]
    [InlineData("{\"sha\":\"main\",\"siblings\":[]}", "lists no commit")]
    [InlineData("{" + Sha + "}", "lists no files")]
    [InlineData("{" + Sha + ",\"siblings\":{}}", "lists no files")]
    [InlineData("{" + Sha + ",\"siblings\":[1]}", "lists a file without a name")]
    [InlineData("{" + Sha + ",\"siblings\":[{\"rfilename\":\"a\"}]}", "lists the file a without its hash")]
    [InlineData("{" + Sha + ",\"siblings\":[{\"rfilename\":\"a\",\"blobId\":\"../../../../../../../../../../../../etc/passw\"}]}", "lists the file a without its hash")]
    [InlineData("{" + Sha + ",\"siblings\":[{\"rfilename\":\"a\"," + Blob + ",\"lfs\":{\"size\":1}}]}", "lists the file a without its hash")]
    [InlineData("{" + Sha + ",\"siblings\":[{\"rfilename\":\"a\"," + Blob + "}]}", "lists the file a without its size")]
    [InlineData("{" + Sha + ",\"siblings\":[{\"rfilename\":\"a\"," + Blob + ",\"size\":-1}]}", "lists the file a without its size")]
    [InlineData("{" + Sha + ",\"siblings\":[{\"rfilename\":\"a\"," + Blob + ",\"size\":1e30}]}", "lists the file a without its size")]
    [InlineData("{" + Sha + ",\"siblings\":[{\"rfilename\":\"a\"," + Blob + ",\"size\":1},{\"rfilename\":\"a\"," + Blob + ",\"size\":1}]}", "lists the file a twice")]
    [InlineData("{" + Sha + ",\"siblings\":[{\"rfilename\":\"\\ud800\"," + Blob + ",\"size\":1}]}", "holds text that is not valid Unicode")]
    public void A_list_that_is_none_is_refused(string json, string sentence)
    {
        HubException thrown = Should.Throw<HubException>(() => Parse(json));

        thrown.Fault.ShouldBe(HubFault.WrongContent);
        thrown.Message.ShouldContain(sentence);
    }

    [Fact]
    public void Mutated_lists_are_read_or_refused() => FuzzTests.Fuzz(
        [Encoding.UTF8.GetBytes(FakeHub.Listing([("a/b.json", [1]), ("model.safetensors", [1, 2]), ("c.txt", [])]).ToJsonString())],
        bytes =>
        {
            try
            {
                foreach (HubFile file in HubListing.Parse(bytes, "org/name").Files)
                {
                    Path.GetFullPath(Path.Combine("/cache", file.Path)).ShouldStartWith("/cache/");
                    file.Hash.All(char.IsAsciiHexDigitLower).ShouldBeTrue();
                }
            }
            catch (HubException)
            {
                // Refused.
            }
        });

    private static HubListing Parse(string json) => HubListing.Parse(Encoding.UTF8.GetBytes(json), "org/name");
}
