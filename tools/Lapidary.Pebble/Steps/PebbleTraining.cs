namespace Lapidary.Pebble.Steps;

/// <summary>
/// The three places where this tool calls the trainers. Each writes a complete folder or throws; a training that was interrupted goes on
/// from its own run folder when it is called again.
/// </summary>
internal static class PebbleTraining
{
    /// <summary>Pieces of the vocabulary, as config.json says.</summary>
    public const int VocabularySize = 3072;

    /// <summary>Trains the tokenizer on the texts of <c>pretrain.jsonl</c> and <c>instruct.jsonl</c>.</summary>
    /// <param name="corpus">Folder of the corpus.</param>
    /// <param name="output">Folder that gets tokenizer.json and tokenizer_config.json.</param>
    /// <exception cref="InvalidOperationException">The tokenizer's trainer is not connected.</exception>
    public static void TrainTokenizer(string corpus, string output) =>
        throw new InvalidOperationException($"No trainer makes a tokenizer of {corpus} for {output}.");

    /// <summary>Trains the base model from random weights.</summary>
    /// <param name="corpus">Folder of the corpus.</param>
    /// <param name="config">The model's config.json.</param>
    /// <param name="tokenizer">Folder of the tokenizer.</param>
    /// <param name="run">Folder of the run, with what a resumption needs.</param>
    /// <param name="output">Folder that gets the checkpoint, and loss.svg.</param>
    /// <param name="options">The settings.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <exception cref="InvalidOperationException">The trainer is not connected.</exception>
    public static void Pretrain(string corpus, string config, string tokenizer, string run, string output, TrainingOptions options, int threads) =>
        throw new InvalidOperationException($"No trainer makes {output} of {corpus} with {config}, {tokenizer}, {run}, {options.Describe()} on {threads} threads.");

    /// <summary>Tunes the base model on the conversations.</summary>
    /// <param name="corpus">Folder of the corpus.</param>
    /// <param name="start">Folder of the base model.</param>
    /// <param name="run">Folder of the run, with what a resumption needs.</param>
    /// <param name="output">Folder that gets the checkpoint, and loss.svg.</param>
    /// <param name="options">The settings.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <exception cref="InvalidOperationException">The trainer is not connected.</exception>
    public static void Tune(string corpus, string start, string run, string output, TrainingOptions options, int threads) =>
        throw new InvalidOperationException($"No trainer makes {output} of {start} with {corpus}, {run}, {options.Describe()} on {threads} threads.");
}
