namespace Lapidary.Workbench.Training;

/// <summary>What the vectors of a soft prompt are before the first step.</summary>
public enum PromptInitialization
{
    /// <summary>Embeddings of random tokens of the vocabulary.</summary>
    Vocabulary,

    /// <summary>Random numbers with the deviation of the embeddings.</summary>
    Random,

    /// <summary>Embeddings of a text, repeated or cut to the number of vectors.</summary>
    Text,
}
