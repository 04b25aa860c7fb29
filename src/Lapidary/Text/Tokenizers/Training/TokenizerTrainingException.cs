namespace Lapidary.Text.Tokenizers.Training;

/// <summary>The texts do not give the vocabulary that was asked for. The message is one sentence with what was expected and what was found.</summary>
public sealed class TokenizerTrainingException : Exception
{
    /// <summary>An error with its sentence.</summary>
    /// <param name="message">What was expected and what was found.</param>
    public TokenizerTrainingException(string message)
        : base(message)
    {
    }
}
