using System.Text;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Lapidary.Text.Data;
using Xunit;

namespace Lapidary.Tests.Text.Data;

/// <summary>A folder of data files, with the tokenizer and the chat template that they are read with.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>The tokenizer of the model that comes along.</summary>
    public static Tokenizer Tokenizer { get; } = Tokenizer.Open(Fixtures.PathOf("tokenizers/pebble"));

    /// <summary>Its chat template, which is Gemma's.</summary>
    public static ChatTemplate Template { get; } = ChatTemplate.Find(Fixtures.PathOf("tokenizers/pebble"))!;

    public string Path => folder.Path;

    public string this[string name] => folder[name];

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(folder[name], content);
        return folder[name];
    }

    /// <summary>Reads one file of this content.</summary>
    public TrainingData Load(string name, string content, TrainingDataOptions? options = null) => Load(Write(name, content), options);

    /// <summary>Reads a file or folder with the tokenizer and the template.</summary>
    public static TrainingData Load(string path, TrainingDataOptions? options = null, int? vocabularySize = null) => TrainingData.Load(
        path, options ?? new TrainingDataOptions(), Tokenizer, Template, vocabularySize ?? Tokenizer.VocabularySize, TestContext.Current.CancellationToken);

    /// <summary>Reads rows of ready ids, one a line, without a tokenizer.</summary>
    public TrainingData LoadIds(string lines, int vocabularySize = 1000, int maxLength = 1024) => TrainingData.Load(
        Write("ids.jsonl", lines),
        new TrainingDataOptions { MaxLength = maxLength },
        null,
        null,
        vocabularySize,
        TestContext.Current.CancellationToken);

    public void Dispose() => folder.Dispose();
}
