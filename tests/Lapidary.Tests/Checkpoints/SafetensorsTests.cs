using FsCheck;
using FsCheck.Fluent;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Checkpoints;

public unsafe class SafetensorsTests
{
    private static readonly string[] Types =
        ["BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64"];

    [Fact]
    public void What_is_written_is_read_again()
    {
        Gen<TensorDeclaration[]> tensors =
            (from type in Gen.Elements(Types)
             from rank in Gen.Choose(0, 4)
             from shape in Gen.ArrayOf(Gen.Choose(0, 5), rank)
             select (type, shape)).ListOf().Select(list => list.Select((tensor, i) => new TensorDeclaration(
                 $"tensor \"{i}\" \u00e9\U0001F48E", StoredType.FromSafetensors(tensor.type)!, [.. tensor.shape.Select(size => (long)size)])).ToArray());

        Prop.ForAll(tensors.ToArbitrary(), RoundTrip).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_header_is_padded_and_says_that_it_is_for_torch()
    {
        using var folder = new TemporaryFolder();
        using (var writer = new SafetensorsWriter(folder["a.safetensors"], [new("a", StoredType.Of(ElementType.F32), [1])]))
        {
            writer.Write(new byte[4]);
            writer.Complete();
        }

        byte[] bytes = File.ReadAllBytes(folder["a.safetensors"]);
        (BitConverter.ToUInt64(bytes) % 8).ShouldBe(0UL);
        using SafetensorsFile file = SafetensorsFile.Open(folder["a.safetensors"]);
        file.Metadata.ShouldBe(new Dictionary<string, string> { ["format"] = "pt" });
    }

    [Fact]
    public void Data_is_aligned_to_its_type_however_types_mix()
    {
        using var folder = new TemporaryFolder();
        TensorDeclaration[] tensors =
        [
            new("half", StoredType.Of(ElementType.F16), [3]), new("float", StoredType.Of(ElementType.F32), [1]),
            new("byte", StoredType.FromSafetensors("U8")!, [1]), new("long", StoredType.FromSafetensors("I64")!, [1]),
        ];
        using (var writer = new SafetensorsWriter(folder["a"], tensors))
        {
            writer.Write([1, 0, 2, 0, 3, 0]);
            writer.Write(BitConverter.GetBytes(4f));
            writer.Write([5]);
            writer.Write(BitConverter.GetBytes(6L));
            writer.Complete();
        }

        using SafetensorsFile file = SafetensorsFile.Open(folder["a"]);
        file.Tensors.Keys.ShouldBe(["long", "float", "half", "byte"]);
        (file.Tensors["long"].Offset % 8).ShouldBe(0);
        file.GetTensor("float").AsFloats().ToArray().ShouldBe([4f]);
        new ReadOnlySpan<byte>(file.GetTensor("half").Data, 6).ToArray().ShouldBe([1, 0, 2, 0, 3, 0]);
        Should.Throw<CheckpointException>(() => file.GetTensor("long")).Message.ShouldContain("stored as I64");
        Should.Throw<CheckpointException>(() => file.GetTensor("none")).Message.ShouldContain("has no tensor none");
    }

    [Fact]
    public void Until_a_file_is_complete_the_old_one_stays()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a"], "old");
        using (var writer = new SafetensorsWriter(folder["a"], [new("a", StoredType.Of(ElementType.F32), [2])]))
        {
            writer.Write(new byte[4]);
            Should.Throw<InvalidOperationException>(writer.Complete);
            Should.Throw<InvalidOperationException>(() => writer.Write(new byte[5]));
        }

        Directory.GetFiles(folder.Path).ShouldBe([folder["a"]]);
        File.ReadAllText(folder["a"]).ShouldBe("old");
    }

    [Fact]
    public void What_cannot_be_written_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["model.safetensors"], "old");
        TensorDeclaration[] tensors = [new("a", StoredType.Of(ElementType.F32), [1 << 20])];

        Should.Throw<CheckpointException>(() => new SafetensorsWriter(Path.Combine(folder["model.safetensors"], "x"), tensors))
            .Message.ShouldContain("cannot be written");
        Should.Throw<CheckpointException>(() =>
        {
            using var output = new OutputFolder(folder.Path, overwrite: true);
            output.Write("model.safetensors", "new"u8);
            output.Copy(folder["absent"]);
        });
        Directory.GetFiles(folder.Path).ShouldBe([folder["model.safetensors"]]);
        File.ReadAllText(folder["model.safetensors"]).ShouldBe("old");
    }

    [Fact]
    public void Every_type_of_ggml_is_known_with_its_size()
    {
        uint[] removed = [4, 5, 31, 32, 33, 36, 37, 38];
        for (uint number = 0; number < 43; number++)
        {
            StoredType.FromGgml(number).ShouldBe(StoredType.FromGgml(number));
            (StoredType.FromGgml(number) is null).ShouldBe(removed.Contains(number), $"type {number}");
        }

        StoredType.FromGgml(43).ShouldBeNull();
        StoredType.FromGgml(23)!.ByteLengthOf([2, 256]).ShouldBe(2 * 136);
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            StoredType stored = StoredType.Of(type);
            stored.Name.ShouldBe(type.ToString());
            if (Checkpoint.IsSupported(stored))
            {
                stored.ByteLengthOf([3, 512]).ShouldBe(Tensor.ByteLengthOf(type, [3, 512]));
            }
        }
    }

    private static void RoundTrip(TensorDeclaration[] tensors)
    {
        using var folder = new TemporaryFolder();
        var random = new System.Random(tensors.Length);
        var contents = new Dictionary<string, byte[]>();
        using (var writer = new SafetensorsWriter(folder["a"], tensors))
        {
            foreach (TensorDeclaration tensor in tensors)
            {
                var content = new byte[tensor.ByteLength];
                random.NextBytes(content);
                contents.Add(tensor.Name, content);
                int cut = content.Length / 3;
                writer.Write(content.AsSpan(0, cut));
                writer.Write(content.AsSpan(cut));
            }

            writer.Complete();
        }

        using SafetensorsFile file = SafetensorsFile.Open(folder["a"]);
        byte[] bytes = File.ReadAllBytes(folder["a"]);
        file.Tensors.Count.ShouldBe(tensors.Length);
        foreach (TensorDeclaration tensor in tensors)
        {
            TensorInfo info = file.Tensors[tensor.Name];
            info.Type.ShouldBeSameAs(tensor.Type);
            info.Shape.ToArray().ShouldBe(tensor.Shape.ToArray());
            bytes.AsSpan((int)info.Offset, (int)info.ByteLength).SequenceEqual(contents[tensor.Name]).ShouldBeTrue();
        }
    }
}
