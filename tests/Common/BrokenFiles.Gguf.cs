namespace Lapidary.Tests.Common;

/// <content>Broken GGUF files.</content>
public static partial class BrokenFiles
{
    private static BrokenFile Gguf(string name, Func<byte[]> content, string fragment) => new(
        name,
        folder =>
        {
            string path = Path.Combine(folder, "model.gguf");
            File.WriteAllBytes(path, content());
            return path;
        },
        fragment);

    private static BrokenFile Gguf(string name, Action<GgufBuilder> change, string fragment) => Gguf(
        name,
        () =>
        {
            GgufBuilder builder = TinyModel.Gguf();
            change(builder);
            return builder.Build();
        },
        fragment);

    private static BrokenFile Key(string name, Action<GgufBuilder> change, string fragment) => Gguf("gguf: " + name, change, fragment);

    private static IEnumerable<BrokenFile> OfGguf()
    {
        yield return Gguf("gguf: empty", () => [], "is empty where a GGUF file was expected");
        yield return Gguf("gguf: text", () => "hello"u8.ToArray(), "does not begin with GGUF");
        yield return Gguf("gguf: magic only", () => "GGUF"u8.ToArray(), "ends inside the version");
        yield return Gguf("gguf: other end first", builder => builder.Version = 0x0300_0000, "is a big-endian GGUF file");
        yield return Gguf("gguf: magic of the other end", builder => builder.Magic = "FUGG", "is a big-endian GGUF file");
        yield return Gguf("gguf: version 1", builder => builder.Version = 1, "version 1 where 2 or 3 was expected");
        yield return Gguf("gguf: version 99", builder => builder.Version = 99, "version 99 where 2 or 3 was expected");
        yield return Gguf("gguf: a billion entries", builder => builder.PairCount = 1_000_000_000, "gives 1000000000 as the number of metadata entries");
        yield return Gguf("gguf: 2^64 - 1 entries", builder => builder.PairCount = ulong.MaxValue, "gives 18446744073709551615 as the number of metadata entries");
        yield return Gguf("gguf: a billion tensors", builder => builder.TensorCount = 1_000_000_000, "gives 1000000000 as the number of tensors");
        yield return Gguf("gguf: one entry too many", builder => builder.PairCount = 100, "model.gguf");
        yield return Gguf("gguf: cut in the metadata", () => TinyModel.Gguf().Build()[..200], "model.gguf");
        yield return Gguf("gguf: cut in the data", () => TinyModel.Gguf().Build()[..^40], "the file is truncated");
        yield return Key("huge text", builder => builder.Raw("a", 8, BitConverter.GetBytes(1UL << 40)), "as the length of the value of a");
        yield return Key("huge array", builder => builder.Raw("a", 9, GgufBuilder.Array(4, 1UL << 61, [])), "as the number of values of a");
        yield return Key("huge array of texts", builder => builder.Raw("a", 9, GgufBuilder.Array(8, 1UL << 40, [])), "as the number of values of a");
        yield return Key("unknown value type", builder => builder.Raw("a", 13, []), "gives 13 as the type of a");
        yield return Key("arrays too deep", builder => builder.Raw("a", 9, Nested(20)), "more than 4 deep");
        yield return Key("key twice", builder => builder.Raw("gemma3.block_count", 4, [2, 0, 0, 0]), "has the metadata key gemma3.block_count twice");
        yield return Key("empty key", builder => builder.Set(string.Empty, 1u), "length of the metadata key where 1 to 65535");
        yield return Key("alignment of 3", builder => builder.Set("general.alignment", 3u), "gives 3 as general.alignment");
        yield return Key("alignment of 0", builder => builder.Set("general.alignment", 0u), "gives 0 as general.alignment");
        yield return Key("alignment in words", builder => builder.Set("general.alignment", "32"), "key general.alignment holds String where a whole number");
        yield return Key("architecture missing", builder => builder.Remove("general.architecture"), "has no metadata key general.architecture");
        yield return Key("architecture is a number", builder => builder.Set("general.architecture", 3u), "where a text was expected");
        yield return Key("another architecture", builder => builder.Set("general.architecture", "llama"), "general.architecture is \"llama\"");
        yield return Key("no layers", builder => builder.Remove("gemma3.block_count"), "has no metadata key gemma3.block_count");
        yield return Key("layers in words", builder => builder.Set("gemma3.block_count", "2"), "key gemma3.block_count holds String");
        yield return Key("layers as a float", builder => builder.Set("gemma3.block_count", 2f), "key gemma3.block_count holds Float32");
        yield return Key("four billion layers", builder => builder.Set("gemma3.block_count", uint.MaxValue), "gemma3.block_count is 4294967295");
        yield return Key("no heads", builder => builder.Set("gemma3.attention.head_count", 0u), "gemma3.attention.head_count is 0");
        yield return Key("epsilon is not a number", builder => builder.Set("gemma3.attention.layer_norm_rms_epsilon", float.NaN), "layer_norm_rms_epsilon is NaN");
        yield return Key("values of other width", builder => builder.Set("gemma3.attention.value_length", 8u), "gemma3.attention.value_length is 8");
        yield return Key("YaRN", builder => builder.Set("gemma3.rope.scaling.type", "yarn"), "gemma3.rope.scaling.type is \"yarn\"");
        yield return Key("pattern of three flags", builder => builder.Set("gemma3.attention.sliding_window_pattern", true, false, true), "an array of 3");
        yield return Key("tensor missing", builder => builder.RemoveTensor("blk.1.ffn_up.weight"), "has no tensor model.layers.1.mlp.up_proj.weight");
        yield return Key("no embedding", builder => builder.RemoveTensor("token_embd.weight"), "has no tensor token_embd.weight");
        yield return Key("tensor twice", builder => builder.Tensor("token_embd.weight", 0, [1], new byte[4]), "has the tensor token_embd.weight twice");
        yield return Key("tensor of unknown type", builder => builder.Tensor("x", 4, [1], new byte[4]), "has the type 4, which ggml does not define");
        yield return Key("tensor of no elements", builder => builder.Tensor("x", 0, [0], []), "has a dimension of 0");
        yield return Key("tensor of rank 5", builder => builder.Tensor("x", 0, [1, 1, 1, 1, 1], new byte[4]), "has 5 dimensions");
        yield return Key("tensor of broken blocks", builder => builder.Tensor("x", 2, [33], new byte[36]), "has an impossible size");
        yield return Key("tensor too large to count", builder => builder.Tensor("x", 0, [1UL << 32, 1UL << 32], []), "has an impossible size");
        yield return Key("tensor at an odd place", builder => builder.Tensor("x", 0, [1], new byte[4], 33), "has the offset 33 where a multiple of 32");
        yield return Key("tensor over another", builder => builder.Tensor("x", 0, [1], new byte[4], 0), "overlaps the data of");
        yield return Key("tensor outside the file", builder => builder.Tensor("x", 0, [1], new byte[4], 1UL << 40), "the file is truncated");
        yield return Key("tensor beyond 2^63", builder => builder.Tensor("x", 0, [1], new byte[4], 1UL << 63), "has the offset 9223372036854775808");
        yield return Key(
            "tensor of a type that is only listed",
            builder => builder.RemoveTensor("output_norm.weight").Tensor("output_norm.weight", 24, [8], new byte[8]),
            "tensor output_norm.weight is stored as I8, which cannot be computed with");
    }

    private static byte[] Nested(int depth) =>
        depth == 0 ? GgufBuilder.Array(0, 0, []) : GgufBuilder.Array(9, 1, Nested(depth - 1));
}
