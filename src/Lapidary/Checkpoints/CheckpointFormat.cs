namespace Lapidary.Checkpoints;

/// <summary>How a checkpoint is laid out on disk.</summary>
public enum CheckpointFormat
{
    /// <summary>A folder with <c>config.json</c> and safetensors files.</summary>
    HuggingFace,

    /// <summary>One GGUF file.</summary>
    Gguf,
}
