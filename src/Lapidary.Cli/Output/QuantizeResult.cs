namespace Lapidary.Cli.Output;

/// <summary>What <c>quantize</c> wrote, or with --types-only what it would write: then there are types of tensors and no output.</summary>
/// <param name="Output">The file.</param>
/// <param name="Type">The name of the mix.</param>
/// <param name="Pure">Whether every matrix has the base type of the mix.</param>
/// <param name="Imatrix">The importance matrix that weighed the errors.</param>
/// <param name="ImatrixEntries">Matrices that it knows.</param>
/// <param name="Tensors">Number of tensors.</param>
/// <param name="Parameters">Numbers in all tensors.</param>
/// <param name="BytesBefore">Bytes of the tensors in the source.</param>
/// <param name="Bytes">Bytes of the tensors that are written.</param>
/// <param name="BitsPerWeight">Bits of a number on average.</param>
/// <param name="Types">The types in use, the largest first.</param>
/// <param name="TensorTypes">Every tensor, in the order of the file.</param>
/// <param name="FileBytes">Bytes of the file.</param>
/// <param name="Seconds">How long the writing took.</param>
/// <param name="Search">What a search for types found.</param>
internal sealed record QuantizeResult(
    string? Output,
    string Type,
    bool Pure,
    string? Imatrix,
    int? ImatrixEntries,
    int Tensors,
    long Parameters,
    long BytesBefore,
    long Bytes,
    double BitsPerWeight,
    IReadOnlyList<TypeResult> Types,
    IReadOnlyList<QuantizedTensorResult>? TensorTypes,
    long? FileBytes,
    double? Seconds,
    SearchResult? Search);

/// <summary>A tensor of <c>quantize --types-only</c>.</summary>
/// <param name="Name">Its name in the GGUF file.</param>
/// <param name="Type">Its type there.</param>
/// <param name="Source">Its type in the source.</param>
/// <param name="Shape">The dimensions, outermost first.</param>
/// <param name="BytesBefore">Its bytes in the source.</param>
/// <param name="Bytes">Its bytes in the file.</param>
internal sealed record QuantizedTensorResult(
    string Name, string Type, string Source, IReadOnlyList<long> Shape, long BytesBefore, long Bytes);
