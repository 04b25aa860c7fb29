namespace Lapidary.Workbench.Training;

/// <summary>What quantization-aware training prepares the matrices of the layers for.</summary>
public enum QuantizationAwareFormat
{
    /// <summary>Blocks of 32 with one scale, as GGUF stores them.</summary>
    Q4_0,

    /// <summary>Four bits with one scale per output channel.</summary>
    Int4PerChannel,
}
