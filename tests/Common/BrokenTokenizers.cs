using System.Text;
using System.Text.Json.Nodes;

namespace Lapidary.Tests.Common;

/// <summary>Hand-made tokenizers that must be refused with one sentence.</summary>
public static partial class BrokenTokenizers
{
    /// <summary>All of them.</summary>
    public static IEnumerable<BrokenFile> All => [.. OfJson(), .. OfSteps(), .. OfSentencePiece(), .. OfGguf(), .. OfTruncatedTexts(), .. OfFolders()];

    private static BrokenFile Written(string name, string file, Func<byte[]> content, string fragment) => new(
        name,
        folder =>
        {
            string path = Path.Combine(folder, file);
            File.WriteAllBytes(path, content());
            return path;
        },
        fragment);

    private static BrokenFile Raw(string name, string json, string fragment) =>
        Written("tokenizer.json: " + name, "tokenizer.json", () => Encoding.UTF8.GetBytes(json), fragment);

    private static BrokenFile Json(string name, Action<JsonObject> change, string fragment) => Written(
        "tokenizer.json: " + name,
        "tokenizer.json",
        () =>
        {
            JsonObject json = TinyTokenizer.Json();
            change(json);
            return Encoding.UTF8.GetBytes(json.ToJsonString());
        },
        fragment);

    // The text of the file with one replacement, for what a JsonObject cannot hold.
    private static BrokenFile Edited(string name, string old, string changed, string fragment) => Written(
        "tokenizer.json: " + name,
        "tokenizer.json",
        () =>
        {
            string json = TinyTokenizer.Json().ToJsonString();
            return json.Contains(old, StringComparison.Ordinal)
                ? Encoding.UTF8.GetBytes(json.Replace(old, changed, StringComparison.Ordinal))
                : throw new InvalidOperationException($"{name}: nothing to edit");
        },
        fragment);

    private static JsonObject Model(JsonObject json) => json["model"]!.AsObject();

    private static JsonObject Vocabulary(JsonObject json) => Model(json)["vocab"]!.AsObject();

    private static JsonArray Merges(JsonObject json) => Model(json)["merges"]!.AsArray();

    private static IEnumerable<BrokenFile> OfJson()
    {
        yield return Raw("empty", string.Empty, "is empty where the JSON of a tokenizer was expected");
        yield return Raw("an array", "[]", "expected '{'");
        yield return Raw("an object with nothing in it", "{}", "has no model with a type and a vocab");
        yield return Raw("with a byte order mark", "\uFEFF{}", "expected '{'");
        yield return Raw("something after the end", "{} x", "found something after the end");
        yield return Raw("nested too deep", "{\"x\":" + new string('[', 100_000), "nested more than 64 deep");
        yield return Raw("a string without end", "{\"model\":{\"vocab\":{\"abc", "found no end of a string");
        yield return Raw("a control character", "{\"model\":{\"vocab\":{\"a\nb\":0}}}", "control character inside a string");
        yield return Written(
            "tokenizer.json: cut in the middle",
            "tokenizer.json",
            () => Encoding.UTF8.GetBytes(TinyTokenizer.Json().ToJsonString())[..600],
            "is not valid JSON");
        yield return Json("vocab and no merges", json => Model(json).Remove("merges"), "without vocab or without merges");
        yield return Json("merges and no vocab", json => Model(json).Remove("vocab"), "without vocab or without merges");
        yield return Json("vocab is a number", json => Model(json)["vocab"] = 7, "without vocab or without merges");
        yield return Json("vocab is an array", json => Model(json)["vocab"] = new JsonArray(), "expected '{'");
        yield return Json("merges is an object", json => Model(json)["merges"] = new JsonObject(), "expected '['");
        yield return Json("a merge of a number", json => Merges(json).Add(7), "expected '\"'");
        yield return Json("a merge of three", json => Merges(json).Add(new JsonArray("a", "b", "c")), "expected ']'");
        yield return Json("a merge without a space", json => Merges(json).Add("ab"), "two pieces and a space between them were expected");
        yield return Json("a merge of an unknown piece", json => Merges(json).Add(new JsonArray("a", "zz")), "but no piece \"zz\"");
        yield return Json("a merge that makes an unknown piece", json => Merges(json).Add(new JsonArray("b", "b")), "but no piece \"bb\"");
        yield return Json("merges in a circle", json => Merges(json).Add(new JsonArray("abc", "")), "has the merge of \"abc\" and \"\"");
        yield return Json("a merge of itself", json => Merges(json).Add(new JsonArray("a", "a")), "but no piece \"aa\"");
        yield return Json("a hole in the ids", json => Vocabulary(json)["x"] = 20, "but none with the id 16");
        yield return Json("an id of 10^9", json => Vocabulary(json)["x"] = 1_000_000_000, "has no room for so many pieces");
        yield return Json("an id above 2^31", json => Vocabulary(json)["x"] = 5_000_000_000, "expected a whole number from 0 to 2147483647");
        yield return Json("a negative id", json => Vocabulary(json)["x"] = -1, "expected a whole number from 0 to 2147483647");
        yield return Json("an id that is no whole number", json => Vocabulary(json)["x"] = 16.5, "expected a whole number from 0 to 2147483647");
        yield return Json("an id that is a text", json => Vocabulary(json)["x"] = "16", "expected a whole number");
        yield return Json("an id twice", json => Vocabulary(json)["x"] = 9, "gives the id 9 to both \"c\" and \"x\"");
        yield return Edited("a piece twice", "\"abc\":13", "\"abc\":13,\"c\":16", "has the piece \"c\" twice");
        yield return Json("an empty piece", json => Vocabulary(json)[string.Empty] = 16, "found an empty piece");
        yield return Json("a piece of 70,000 bytes", json => Vocabulary(json)[new string('x', 70_000)] = 16, "found a piece of 70000 bytes");
        yield return Edited("half a surrogate pair", "\"abc\":13", "\"\\ud800\":13", "half of a surrogate pair");
        yield return Edited("an escape that is none", "\"abc\":13", "\"\\x41\":13", "an escape that JSON does not have");
        yield return Edited("an escape that is cut", "\"abc\":13", "\"\\u00\":13", "without its four hexadecimal digits");
        yield return Written(
            "tokenizer.json: a piece that is not UTF-8",
            "tokenizer.json",
            () => Encoding.Latin1.GetBytes(TinyTokenizer.Json().ToJsonString().Replace("\"abc\":13", "\"\u00ff\":13", StringComparison.Ordinal)),
            "is not valid UTF-8");
        yield return Edited("a key twice", "\"fuse_unk\":true", "\"fuse_unk\":true,\"fuse_unk\":true", "has the key \"fuse_unk\" twice");
        yield return Json("an unknown piece that is not there", json => Model(json)["unk_token"] = "<nothing>", "gives \"<nothing>\" as unk_token");
        yield return Json("an added token with another's id", json => AddedTokens(json).Add(TinyTokenizer.Added(7, "<x>")), "belongs to the piece \"a\"");
        yield return Json("an added token with a piece's text", json => AddedTokens(json).Add(TinyTokenizer.Added(16, "ab")), "has this piece with another id");
        yield return Json("an added token beyond a hole", json => AddedTokens(json).Add(TinyTokenizer.Added(18, "<x>")), "but none with the id 16");
        yield return Json("an added token without text", json => AddedTokens(json).Add(TinyTokenizer.Added(16, string.Empty)), "without an id or without a content");
        yield return Json(
            "an added token of 5,000 characters",
            json => AddedTokens(json).Add(TinyTokenizer.Added(16, new string('x', 5000))),
            "without an id or without a content of 1 to 1024");
        yield return Json("an added token that is a text", json => AddedTokens(json).Add("x"), "has an added token that is not an object");
        yield return Json("a flag that is a number", json => AddedTokens(json)[0]!["special"] = 1, "whose special is neither true nor false");
    }

    private static JsonArray AddedTokens(JsonObject json) => json["added_tokens"]!.AsArray();
}
