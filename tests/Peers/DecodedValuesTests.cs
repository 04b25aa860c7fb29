using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>Every block type decodes to the numbers that llama.cpp decodes it to.</summary>
public sealed class DecodedValuesTests(RandomModels models, ITestOutputHelper log)
{
    public static TheoryData<string, string> Files
    {
        get
        {
            var files = new TheoryData<string, string>();
            foreach (string preset in RandomModels.Presets)
            {
                foreach (string type in RandomModels.QuantizedTypes.Concat(["F16", "BF16"]))
                {
                    files.Add(preset, type);
                }
            }

            return files;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Decoded_values_are_those_of_the_file_requantized_to_F32(string preset, string type)
    {
        PeerEnvironment.RequireModels();
        using Checkpoint file = Checkpoint.Open(models.Gguf(preset, type));
        using Checkpoint wide = Checkpoint.Open(models.Decoded(preset, type));
        var types = new SortedSet<ElementType>();
        foreach (string name in file.Tensors.Keys)
        {
            Tensor tensor = file.GetTensor(name);
            Tensor expected = wide.GetTensor(name);
            types.Add(tensor.Type);
            expected.Type.ShouldBe(ElementType.F32);
            tensor.Shape.ShouldBe(expected.Shape);
            AssertSameBits(name, tensor, expected);
        }

        log.WriteLine($"{preset} {type}: {string.Join(", ", types)}");
    }

    private static void AssertSameBits(string name, Tensor actual, Tensor expected)
    {
        var given = new float[actual.RowLength];
        var wanted = new float[actual.RowLength];
        for (long row = 0; row < actual.Rows; row++)
        {
            actual.DecodeRow(row, given);
            expected.DecodeRow(row, wanted);
            for (int i = 0; i < given.Length; i++)
            {
                if (BitConverter.SingleToUInt32Bits(given[i]) != BitConverter.SingleToUInt32Bits(wanted[i]))
                {
                    Assert.Fail($"{name} ({actual.Type}) [{row}, {i}]: expected {wanted[i]:r}, found {given[i]:r}.");
                }
            }
        }
    }
}
