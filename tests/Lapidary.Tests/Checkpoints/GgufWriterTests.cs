using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Checkpoints;

/// <summary>GGUF files that are written, read again.</summary>
public class GgufWriterTests
{
    [Fact]
    public void Metadata_of_every_type_is_read_again()
    {
        using var folder = new TemporaryFolder();
        GgufMetadata metadata = new GgufMetadata()
            .Add("general.architecture", "gemma3").Add("empty", string.Empty).Add("text", "größer")
            .Add("u8", (byte)200).Add("i8", (sbyte)-7).Add("u16", (ushort)65535).Add("i16", (short)-32768)
            .Add("u32", uint.MaxValue).Add("i32", int.MinValue).Add("u64", 1UL << 60).Add("i64", long.MinValue)
            .Add("f32", 0.1f).Add("f64", Math.PI).Add("yes", true).Add("no", false)
            .Add("texts", ["a", "", "ü"]).Add<int>("numbers", [1, -2, 3]).Add<float>("floats", []).Add<bool>("flags", [true, false]);
        metadata.Count.ShouldBe(19);
        using (var writer = new GgufWriter(folder["a.gguf"], metadata, []))
        {
            writer.Complete();
        }

        using GgufFile file = GgufFile.Open(folder["a.gguf"]);
        file.Version.ShouldBe(3);
        file.Metadata.Count.ShouldBe(19);
        file.Metadata["text"].ToText().ShouldBe("größer");
        file.Metadata["empty"].ToText().ShouldBeEmpty();
        foreach ((string key, long value) in ((string, long)[])
            [("u8", 200), ("i8", -7), ("u16", 65535), ("i16", -32768), ("u32", uint.MaxValue), ("i32", int.MinValue), ("u64", 1L << 60), ("i64", long.MinValue)])
        {
            file.Metadata[key].ToInt64().ShouldBe(value, key);
        }

        file.Metadata["f32"].ToDouble().ShouldBe(0.1f);
        file.Metadata["f64"].ToDouble().ShouldBe(Math.PI);
        (file.Metadata["yes"].ToBoolean(), file.Metadata["no"].ToBoolean()).ShouldBe((true, false));
        file.Metadata["texts"].ToTexts().ShouldBe(["a", "", "ü"]);
        file.Metadata["numbers"].Items.Select(item => item.ToInt64()).ShouldBe([1, -2, 3]);
        file.Metadata["floats"].Count.ShouldBe(0);
        file.Metadata["flags"].Items.Select(item => item.ToBoolean()).ShouldBe([true, false]);

        // A second file with the values of the first has the same bytes.
        var copy = new GgufMetadata();
        foreach ((string key, GgufValue value) in file.Metadata)
        {
            copy.Add(key, value);
        }

        using (var writer = new GgufWriter(folder["b.gguf"], copy, []))
        {
            writer.Complete();
        }

        File.ReadAllBytes(folder["b.gguf"]).ShouldBe(File.ReadAllBytes(folder["a.gguf"]));
    }

    [Fact]
    public void Tensors_of_any_type_are_read_again()
    {
        using var folder = new TemporaryFolder();
        TensorDeclaration[] tensors =
        [
            new("odd", StoredType.Of(ElementType.F32), [3, 5]), new("blocks", StoredType.Of(ElementType.Q4_0), [2, 64]),
            new("k", StoredType.Of(ElementType.Q6_K), [1, 256]), new("one", StoredType.FromGgml(24)!, [1]), new("half", StoredType.Of(ElementType.F16), [1, 2, 3]),
        ];
        var random = new Random(1);
        byte[][] data = [.. tensors.Select(tensor => new byte[tensor.ByteLength])];
        using (var writer = new GgufWriter(folder["a.gguf"], new GgufMetadata().Add("general.architecture", "x"), tensors))
        {
            foreach (byte[] bytes in data)
            {
                random.NextBytes(bytes);
                writer.Write(bytes.AsSpan(0, bytes.Length / 2));
                writer.Write(bytes.AsSpan(bytes.Length / 2));
            }

            File.Exists(folder["a.gguf"]).ShouldBeFalse();
            writer.Complete();
        }

        byte[] content = File.ReadAllBytes(folder["a.gguf"]);
        (content.Length % 32).ShouldBe(0);
        using GgufFile file = GgufFile.Open(folder["a.gguf"]);
        foreach ((TensorDeclaration tensor, byte[] bytes) in tensors.Zip(data))
        {
            TensorInfo info = file.Tensors[tensor.Name];
            info.Shape.ShouldBe(tensor.Shape);
            info.Type.ShouldBe(tensor.Type);
            content.AsSpan((int)info.Offset, (int)info.ByteLength).ToArray().ShouldBe(bytes);
        }
    }

    [Fact]
    public void What_cannot_be_in_a_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        StoredType f32 = StoredType.Of(ElementType.F32);
        void Refused(params TensorDeclaration[] tensors) =>
            Should.Throw<ArgumentException>(() => new GgufWriter(folder["a.gguf"], new GgufMetadata(), tensors));

        Refused(new TensorDeclaration(new string('x', 64), f32, [1]));
        Refused(new TensorDeclaration(string.Empty, f32, [1]));
        Refused(new TensorDeclaration("a", f32, [1]), new TensorDeclaration("a", f32, [1]));
        Refused(new TensorDeclaration("a", f32, []));
        Refused(new TensorDeclaration("a", f32, [1, 1, 1, 1, 1]));
        Refused(new TensorDeclaration("a", f32, [0]));
        Refused(new TensorDeclaration("a", StoredType.Of(ElementType.Q4_0), [31]));
        Refused(new TensorDeclaration("a", StoredType.FromSafetensors("U8")!, [1]));
        Should.Throw<ArgumentException>(() => new GgufMetadata().Add("a", 1).Add("a", 2));
        Should.Throw<ArgumentException>(() => new GgufMetadata().Add("general.alignment", 64u));
        Should.Throw<ArgumentException>(() => new GgufMetadata().Add("a", Guid.Empty));
        Directory.EnumerateFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void A_file_that_was_not_completed_is_gone_and_the_old_one_stays()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.gguf"], "old");
        using (var writer = new GgufWriter(folder["a.gguf"], new GgufMetadata(), [new TensorDeclaration("a", StoredType.Of(ElementType.F32), [4])]))
        {
            writer.Write(new byte[8]);
            Should.Throw<InvalidOperationException>(writer.Complete).Message.ShouldContain("a was declared but not written");
            Should.Throw<InvalidOperationException>(() => writer.Write(new byte[9]));
        }

        Directory.EnumerateFiles(folder.Path).ShouldBe([folder["a.gguf"]]);
        File.ReadAllText(folder["a.gguf"]).ShouldBe("old");
    }
}
