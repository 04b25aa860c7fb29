namespace Lapidary.Tests.Common;

/// <summary>Hand-made checkpoints that must be refused with one sentence, for the readers' tests and for those of the command line.</summary>
public static partial class BrokenFiles
{
    /// <summary>All of them.</summary>
    public static IEnumerable<BrokenFile> All => [.. OfSafetensors(), .. OfConfig(), .. OfFolders(), .. OfGguf()];

    private static BrokenFile Weights(string name, Func<byte[]> content, string fragment) => new(
        name,
        folder =>
        {
            TinyModel.WriteFolder(folder);
            File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), content());
            return folder;
        },
        fragment);

    private static BrokenFile Header(string name, string header, int dataLength, string fragment) =>
        Weights(name, () => TinyModel.Safetensors(header, new byte[dataLength]), fragment);

    private static BrokenFile Entry(string name, string entry, int dataLength, string fragment) =>
        Header(name, $"{{\"a\":{entry}}}", dataLength, fragment);

    private static IEnumerable<BrokenFile> OfSafetensors()
    {
        yield return Weights("safetensors: empty", () => [], "has 0 bytes, too few for the length field");
        yield return Weights("safetensors: seven bytes", () => new byte[7], "has 7 bytes, too few");
        yield return Weights(
            "safetensors: header of 2^63 bytes", () => TinyModel.Safetensors("{}", [], 1UL << 63), "header length of 9223372036854775808 bytes");
        yield return Weights(
            "safetensors: header longer than the file", () => TinyModel.Safetensors("{}", [], 1000), "header length of 1000 bytes but only 2");
        yield return Weights("safetensors: header of no bytes", () => new byte[8], "does not begin with '{'");
        yield return Header("safetensors: header is an array", "[]", 0, "does not begin with '{'");
        yield return Header("safetensors: header with byte order mark", "\uFEFF{}", 0, "does not begin with '{'");
        yield return Header("safetensors: header is cut", "{\"a\":{\"dtype\":\"F32\"", 0, "is not valid JSON");
        yield return Header("safetensors: header nested too deep", "{\"a\":{\"x\":" + new string('[', 100) + new string(']', 100) + "}}", 0, "is not valid JSON");
        yield return Header("safetensors: something after the header", "{} x", 0, "is not valid JSON");
        yield return Header(
            "safetensors: overlap",
            """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""",
            12,
            "tensor b overlaps the data of another tensor: it begins at 4 where 8 was expected");
        yield return Header(
            "safetensors: gap",
            """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}""",
            20,
            "tensor b leaves a gap");
        yield return Entry("safetensors: data after the last tensor", """{"dtype":"U8","shape":[2],"data_offsets":[0,2]}""", 5, "3 bytes after the last tensor");
        yield return Weights("safetensors: truncated data", () => TinyModel.Safetensors(TinyModel.Entries())[..^7], "it is truncated");
        yield return Weights("safetensors: truncated header", () => TinyModel.Safetensors(TinyModel.Entries())[..100], "bytes follow");
        yield return Entry("safetensors: unknown dtype", """{"dtype":"F31","shape":[],"data_offsets":[0,0]}""", 0, "has the dtype F31");
        yield return Entry("safetensors: ggml dtype", """{"dtype":"Q4_0","shape":[32],"data_offsets":[0,18]}""", 18, "has the dtype Q4_0");
        yield return Entry("safetensors: wrong size", """{"dtype":"F32","shape":[3],"data_offsets":[0,8]}""", 8, "needs 12 bytes but its data_offsets give 8");
        yield return Entry(
            "safetensors: shape overflows",
            """{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}""",
            0,
            "has an impossible size");
        yield return Entry("safetensors: negative dimension", """{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}""", 0, "not a whole number");
        yield return Entry("safetensors: dimension above 2^63", """{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,0]}""", 0, "not a whole number");
        yield return Entry("safetensors: offsets in reverse", """{"dtype":"F32","shape":[1],"data_offsets":[4,0]}""", 4, "ends before it begins");
        yield return Entry("safetensors: one offset", """{"dtype":"F32","shape":[1],"data_offsets":[4]}""", 4, "has 1 data_offsets where 2");
        yield return Entry("safetensors: rank of nine", """{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}""", 1, "more than 8 numbers");
        yield return Entry("safetensors: no dtype", """{"shape":[1],"data_offsets":[0,1]}""", 1, "has no dtype");
        yield return Entry("safetensors: no shape", """{"dtype":"U8","data_offsets":[0,1]}""", 1, "has no shape");
        yield return Entry("safetensors: shape is a text", """{"dtype":"U8","shape":"1","data_offsets":[0,1]}""", 1, "has a shape that is not an array");
        yield return Entry("safetensors: entry is a number", "7", 0, "is not described by an object");
        yield return Entry("safetensors: name is half a surrogate", "0,\"\\ud800\":1", 0, "is not described by an object");
        yield return Header("safetensors: half a surrogate first", "{\"\\ud800\":1}", 0, "not valid Unicode");
        yield return Header("safetensors: metadata is a list", """{"__metadata__":[]}""", 0, "__metadata__ that is not an object");
        yield return Header("safetensors: metadata of numbers", """{"__metadata__":{"a":1}}""", 0, "__metadata__ whose values are not all text");
        yield return Header(
            "safetensors: tensor twice",
            """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""",
            2,
            "has the tensor a twice");
        yield return new BrokenFile(
            "safetensors: a folder in its place",
            folder =>
            {
                TinyModel.WriteFolder(folder);
                File.Delete(Path.Combine(folder, "model.safetensors"));
                Directory.CreateDirectory(Path.Combine(folder, "model.safetensors"));
                return folder;
            },
            "model.safetensors: is a folder where a file was expected");
    }
}
