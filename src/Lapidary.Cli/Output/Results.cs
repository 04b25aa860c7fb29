using System.Text.Json;
using System.Text.Json.Serialization;
using Lapidary.Networks;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Output;

/// <summary>JSON of every command; names in snake_case, as in the files of the field.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(InfoResult))]
[JsonSerializable(typeof(LogitsResult))]
[JsonSerializable(typeof(WrittenResult))]
[JsonSerializable(typeof(WrittenAdapterResult))]
[JsonSerializable(typeof(QuantizeResult))]
[JsonSerializable(typeof(StructuredPruneResult))]
[JsonSerializable(typeof(PruneResult))]
[JsonSerializable(typeof(CollectionResult))]
[JsonSerializable(typeof(BenchResult))]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(ChatResult))]
[JsonSerializable(typeof(SavedConversation))]
[JsonSerializable(typeof(TokenizeResult))]
[JsonSerializable(typeof(DecodeResult))]
[JsonSerializable(typeof(TrainedTokenizerResult))]
[JsonSerializable(typeof(TuneResult))]
[JsonSerializable(typeof(RecordedTeacherResult))]
[JsonSerializable(typeof(EstimateResult))]
[JsonSerializable(typeof(CompareResult))]
[JsonSerializable(typeof(ImatrixResult))]
[JsonSerializable(typeof(PullResult))]
[JsonSerializable(typeof(MakeResult))]
[JsonSerializable(typeof(RebuildResult))]
[JsonSerializable(typeof(CardResult))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
internal sealed partial class ResultJson : JsonSerializerContext;

/// <summary>What <c>info</c> found.</summary>
internal sealed record InfoResult(
    string Model,
    string Format,
    string Architecture,
    ArchitectureResult Sizes,
    ParameterResult Parameters,
    IReadOnlyList<TypeResult> Types,
    TokenizerResult? Tokenizer,
    bool ChatTemplate,
    MemoryResult Memory,
    IReadOnlyList<TensorResult>? Tensors);

/// <summary>The sizes of a network.</summary>
internal sealed record ArchitectureResult(
    int Vocabulary,
    int Hidden,
    int Layers,
    int LocalLayers,
    int Heads,
    int KeyValueHeads,
    int HeadDimension,
    int Intermediate,
    int Window,
    int Context);

/// <summary>The tokenizer of a model; ids are left out where there is no such piece, and all but the problem where it cannot be used.</summary>
internal sealed record TokenizerResult(
    string? Kind, int? Vocabulary, int? BosId, int? EosId, int? PadId, int? UnknownId, bool? AddsBos, string? Problem = null);

/// <summary>What <c>tokenize</c> made of one text.</summary>
internal sealed record TokenizeResult(IReadOnlyList<int> Ids, IReadOnlyList<string> Pieces);

/// <summary>What <c>tokenize --decode</c> made of ids.</summary>
internal sealed record DecodeResult(string Text);

/// <summary>Numbers of parameters.</summary>
internal sealed record ParameterResult(long Total, long Embedding, long Other);

/// <summary>The tensors that are stored in one type.</summary>
internal sealed record TypeResult(string Type, int Tensors, long Parameters, long Bytes);

/// <summary>Memory needed to run the model at a length of context.</summary>
internal sealed record MemoryResult(long WeightBytes, int ContextTokens, long CacheBytes);

/// <summary>One tensor of the full list.</summary>
internal sealed record TensorResult(string Name, string Type, IReadOnlyList<long> Shape, long Bytes, string File);

/// <summary>What <c>logits</c> wrote.</summary>
internal sealed record LogitsResult(
    string Output, long Bytes, int Tokens, int Vocabulary, IReadOnlyList<string> Tensors, double Seconds);

/// <summary>A model that was written by <c>init</c>, <c>convert</c> or <c>merge</c>; the zeros are those of a merge into a pruned base.</summary>
internal sealed record WrittenResult(
    string Output, int Tensors, long Parameters, long Bytes, string Type, double Seconds, MergedZeros? Zeros = null);

/// <summary>What <c>train-tokenizer</c> learned and wrote.</summary>
internal sealed record TrainedTokenizerResult(
    string Output,
    int Pieces,
    int LearnedPieces,
    long Texts,
    long Characters,
    long Tokens,
    double CharactersPerToken,
    IReadOnlyList<string> LongestPieces,
    double Seconds);

/// <summary>An adapter file that was written by <c>convert</c>.</summary>
internal sealed record WrittenAdapterResult(string Output, int Tensors, long Parameters, long Bytes, string Type, double Alpha);

/// <summary>An importance matrix that was written by <c>imatrix</c>.</summary>
internal sealed record ImatrixResult(
    string Model, string Text, string Output, int Entries, int Chunks, int Context, long Tokens, long Bytes, double Seconds);

/// <summary>An adapter that a model was used with.</summary>
internal sealed record AdapterResult(string Path, float Scale);

/// <summary>What <c>bench</c> measured.</summary>
internal sealed record BenchResult(
    string Model,
    IReadOnlyList<AdapterResult>? Adapters,
    string Types,
    long WeightBytes,
    long Parameters,
    string InstructionSet,
    int Processors,
    int Repetitions,
    long Seed,
    bool Exact,
    double LoadSeconds,
    long PeakMemoryBytes,
    string? EnergyUnavailable,
    IReadOnlyList<BenchMeasurement> Results,
    SparseBenchResult? Sparse = null);

/// <summary>What <c>bench --sparse</c> found beside the measurements of the dense model.</summary>
/// <param name="Matrices">Matrices that were packed.</param>
/// <param name="Sparsity">Share of zeros in them.</param>
/// <param name="PackedBytes">What they take.</param>
/// <param name="DenseBytes">What they take in the files.</param>
/// <param name="Dense">Start and memory of the model as it is.</param>
/// <param name="Packed">Start and memory of the model with packed matrices.</param>
/// <param name="Results">The measurements of the model with packed matrices, in the order of those of the dense one.</param>
/// <param name="Ratios">For each of them the median of the ratios of the paired runs.</param>
/// <param name="LargestLogitDifference">Between the last logits of both models, over all tests.</param>
internal sealed record SparseBenchResult(
    int Matrices,
    double Sparsity,
    long PackedBytes,
    long DenseBytes,
    FootprintResult Dense,
    FootprintResult Packed,
    IReadOnlyList<BenchMeasurement> Results,
    IReadOnlyList<double> Ratios,
    double LargestLogitDifference);

/// <summary>What a model costs that is alone in the process.</summary>
/// <param name="LoadSeconds">Until a session is ready.</param>
/// <param name="ResidentBytes">Memory of the process after each test ran once.</param>
/// <param name="PeakBytes">The most until then; null where the system does not let a process begin its peak anew.</param>
internal sealed record FootprintResult(double LoadSeconds, long ResidentBytes, long? PeakBytes);

/// <summary>One line of the table of <c>bench</c>: "pp512" is a prompt of 512 tokens, "tg64@d512" are 64 tokens after 512.</summary>
internal sealed record BenchMeasurement(
    string Test,
    int PromptTokens,
    int GeneratedTokens,
    int Depth,
    int Threads,
    RateResult TokensPerSecond,
    IReadOnlyList<double> SampleSeconds,
    double? JoulesPerToken);

/// <summary>A rate over several repetitions.</summary>
internal sealed record RateResult(double Median, double Minimum, double Maximum);

/// <summary>What <c>run</c> generated.</summary>
internal sealed record RunResult(
    string Model,
    IReadOnlyList<AdapterResult>? Adapters,
    string? Prompt,
    IReadOnlyList<int> PromptIds,
    string? Text,
    IReadOnlyList<int> Ids,
    IReadOnlyList<string>? Pieces,
    IReadOnlyList<double> LogProbabilities,
    IReadOnlyList<IReadOnlyList<AlternativeResult>>? Alternatives,
    IReadOnlyList<double>? PromptLogProbabilities,
    string FinishReason,
    string? StopString,
    ulong? Seed,
    long CacheBytes,
    TimingResult Timings);

/// <summary>A token that the model could have chosen.</summary>
internal sealed record AlternativeResult(int Id, string? Piece, double LogProbability);

/// <summary>One answer of <c>chat</c>.</summary>
internal sealed record ChatResult(
    string Text, string FinishReason, string? StopString, int PromptTokens, int GeneratedTokens, ulong? Seed, TimingResult Timings);

/// <summary>A conversation as <c>/save</c> of <c>chat</c> writes it.</summary>
internal sealed record SavedConversation(string? System, IReadOnlyList<SavedTurn> Messages);

/// <summary>One turn of a saved conversation.</summary>
internal sealed record SavedTurn(string Role, string Content);

/// <summary>Where the time of a generation went; the first token counts as part of the prompt.</summary>
internal sealed record TimingResult(
    double LoadSeconds,
    int PromptTokens,
    int CachedTokens,
    double PromptSeconds,
    double PromptTokensPerSecond,
    int GeneratedTokens,
    double GenerationSeconds,
    double GenerationTokensPerSecond);

/// <summary>What a training did.</summary>
internal sealed record TuneResult(
    string Output, TrainingSummary Summary, ValidationChange? Validation, ValidationChange? Divergence, TunedZeros? Sparsity);

/// <summary>The zeros of a model that a training wrote.</summary>
internal sealed record TunedZeros(ZerosResult LinearLayers, ZerosResult Model);

/// <summary>What a training is going to need.</summary>
internal sealed record EstimateResult(
    long TrainedParameters,
    long Steps,
    long Tokens,
    long MemoryBytes,
    IReadOnlyDictionary<string, long> MemoryParts,
    double Seconds,
    double TokensPerSecond);

/// <summary>What <c>record-teacher</c> wrote.</summary>
internal sealed record RecordedTeacherResult(string Output, int Examples, long Targets, long Bytes, double Seconds);
