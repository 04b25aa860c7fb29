using Lapidary.Networks;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;
using Lapidary.Workbench.Training.Tape.Records;

namespace Lapidary.Workbench.Training.Tape;

/// <summary>
/// Runs a network forward and records it, then runs the records backward. The network is the one that inference runs; what is trained is
/// found by the names of its weights. With activation checkpointing (Chen et al. 2016) only the residual stream between layers is
/// kept, and each layer runs forward once more before it runs backward.
/// </summary>
internal sealed unsafe class TapeExecutor : IExecutor, IDisposable
{
    private readonly TrainedModel model;
    private readonly bool checkpointing;
    private readonly TapeContext context;
    private readonly OutputLoss outputLoss;
    private readonly RotaryTables rotaryTables = new();
    private readonly List<TapeValue> handles = [];
    private readonly LayerTape[] layers;
    private LayerTape outside = new();
    private LayerTape current;
    private ILogitLoss? loss;
    private double filter;
    private bool recording;
    private bool rerunning;

    public TapeExecutor(TrainedModel model, WorkerPool pool, bool checkpointing, long logitsTileBytes = 256L << 20)
    {
        this.model = model;
        this.checkpointing = checkpointing;
        context = new TapeContext(pool);
        outputLoss = new OutputLoss(pool, context.Product, logitsTileBytes);
        layers = [.. Enumerable.Range(0, model.Config.LayerCount).Select(_ => new LayerTape())];
        current = outside;
    }

    /// <summary>Bytes for activations and their gradients.</summary>
    public long ActivationBytes => context.Memory.ByteLength;

    /// <summary>Rows of the final hidden states that the last pass without a loss kept, [wanted rows, hidden].</summary>
    public TapeValue? FinalHidden { get; private set; }

    /// <summary>The output matrix that belongs to <see cref="FinalHidden"/>, and the cap of its logits.</summary>
    public (TrainedMatrix Matrix, float? Cap) Output { get; private set; }

    private List<TapeRecord>? Tape => recording && (rerunning || !checkpointing || current == outside) ? current.Records : null;

    /// <summary>Runs a batch forward and backward; gradients are added to those of the parameters.</summary>
    /// <param name="batch">What goes through the network.</param>
    /// <param name="rowLoss">Turns logits into gradients; it must know the targets of the wanted rows.</param>
    /// <param name="lossFilter">See <see cref="OutputLoss.Run"/>.</param>
    /// <param name="dropoutSeed">Decides what dropout drops; null for no dropout.</param>
    /// <exception cref="Inference.NonFiniteException">NaN or infinity appeared in a forward pass.</exception>
    public void Train(TapeBatch batch, ILogitLoss rowLoss, double lossFilter, ulong? dropoutSeed)
    {
        Forward(batch, rowLoss, lossFilter, dropoutSeed, record: true);
        Backward();
        ReleaseAll();
    }

    /// <summary>Runs a batch forward for its loss.</summary>
    public void Evaluate(TapeBatch batch, ILogitLoss rowLoss)
    {
        Forward(batch, rowLoss, 0, null, record: false);
        ReleaseAll();
    }

    /// <summary>Runs a batch forward and keeps the final hidden states until <see cref="ReleaseAll"/>.</summary>
    public void KeepHidden(TapeBatch batch) => Forward(batch, null, 0, null, record: false);

    /// <summary>Logits of rows of <see cref="FinalHidden"/>.</summary>
    /// <param name="firstRow">The first wanted row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="logits">Receives [rows, vocabulary].</param>
    public void Unembed(int firstRow, int rows, float* logits)
    {
        TapeValue hidden = FinalHidden ?? throw new InvalidOperationException("No hidden states are kept.");
        (TrainedMatrix matrix, float? cap) = Output;
        context.Product.Multiply(
            hidden.Data + ((nint)firstRow * hidden.Width), rows, hidden.Width, new ProductTarget(matrix.Applied, logits, matrix.Outputs));
        if (cap is float limit)
        {
            SoftCap.Forward(context.Pool, logits, (long)rows * matrix.Outputs, limit);
        }
    }

    /// <summary>Gives back all that belongs to the last batch.</summary>
    public void ReleaseAll()
    {
        foreach (LayerTape layer in layers)
        {
            layer.Release(context.Memory);
        }

        outside.Release(context.Memory);
        handles.Clear();
        FinalHidden = null;
    }

    public Activation Embed(Weight table, float scale) =>
        Handle(EmbedRecord.Forward(context, Tape, model.Matrix(table), model.SoftPrompt, scale));

    public Activation Norm(Activation input, NormWeight weight) =>
        Handle(NormRecord.Forward(context, Tape, Value(input), weight, model.Norm(weight)));

    public Activation Project(Activation input, Weight weight) =>
        Handle(LinearRecord.Forward(context, Tape, Value(input), model.Matrix(weight))[0]);

    public (Activation First, Activation Second, Activation Third) Project(Activation input, Weight first, Weight second, Weight third)
    {
        TapeValue[] outputs = LinearRecord.Forward(
            context, Tape, Value(input), model.Matrix(first), model.Matrix(second), model.Matrix(third));
        return (Handle(outputs[0]), Handle(outputs[1]), Handle(outputs[2]));
    }

    public Activation Rotate(Activation input, RotarySpec rotary)
    {
        RotateRecord.Forward(context, Tape, Value(input), rotaryTables.Get(context.Batch.Positions, rotary), rotary.HeadDimension);
        return input;
    }

    public Activation Attend(Activation query, Activation key, Activation value, in AttentionSpec spec) =>
        Handle(AttendRecord.Forward(context, Tape, Value(query), Value(key), Value(value), spec));

    public Activation GatedMlp(Activation input, Weight gate, Weight up, Weight down)
    {
        TapeValue[] pair = LinearRecord.Forward(context, Tape, Value(input), model.Matrix(gate), model.Matrix(up));
        TapeValue gated = GatedGeluRecord.Forward(context, Tape, pair[0], pair[1]);
        return Handle(LinearRecord.Forward(context, Tape, gated, model.Matrix(down))[0]);
    }

    public Activation Add(Activation residual, Activation delta) =>
        Handle(AddRecord.Forward(context, Tape, Value(residual), Value(delta)));

    public Activation KeepWanted(Activation input)
    {
        int[] wanted = context.Batch.WantedRows;
        TapeValue value = Value(input);
        return wanted.Length == value.Rows ? input : Handle(GatherRecord.Forward(context, Tape, value, wanted));
    }

    public void Unembed(Activation input, Weight table, float? cap)
    {
        TrainedMatrix matrix = model.Matrix(table);
        TapeValue hidden = Value(input);
        if (loss is null)
        {
            FinalHidden = hidden;
            Output = (matrix, cap);
            return;
        }

        float* hiddenGradient = recording && hidden.NeedsGradient ? hidden.OpenGradient(context.Memory, out _) : null;
        float* tableGradient = recording && matrix.Own is { } own ? own.GradientPointer : null;
        outputLoss.Run(
            hidden.Data, hidden.Rows, hidden.Width, matrix.Applied, cap, loss, hiddenGradient, tableGradient, filter);
    }

    public void BeginLayer(int layer)
    {
        current = layers[layer];
        context.Allocated = current.Values;
    }

    public void EndLayer()
    {
        if (!rerunning && (!recording || checkpointing))
        {
            current.KeepStreamOnly(context.Memory);
            int layer = Array.IndexOf(layers, current);
            if (!recording)
            {
                (layer == 0 ? outside : layers[layer - 1]).Release(context.Memory);
            }
        }

        current = outside;
        context.Allocated = outside.Values;
    }

    public void Label(Activation value, ActivationName name)
    {
        // Nobody watches while training.
    }

    public void Dispose()
    {
        outputLoss.Dispose();
        context.Dispose();
        rotaryTables.Dispose();
    }

    private void Forward(TapeBatch batch, ILogitLoss? rowLoss, double lossFilter, ulong? dropoutSeed, bool record)
    {
        ReleaseAll();
        if (batch.WantedRows.Length == 0)
        {
            throw new ArgumentException("The batch has no target.", nameof(batch));
        }

        context.Batch = batch;
        context.DropoutSeed = dropoutSeed;
        context.Memory.Reserve(batch.Tokens.Length);
        loss = rowLoss;
        filter = lossFilter;
        recording = record;
        current = outside;
        context.Allocated = outside.Values;
        rotaryTables.Clear();

        model.Network.Forward(this);
    }

    // The records behind the layers stand at the end of the outer tape, the embedding at its start.
    private void Backward()
    {
        List<TapeRecord> outer = outside.Records;
        int embeddings = outer.TakeWhile(record => record is EmbedRecord).Count();
        Run(outer, outer.Count - 1, embeddings);
        for (int layer = layers.Length - 1; layer >= 0; layer--)
        {
            LayerTape tape = layers[layer];
            if (checkpointing)
            {
                RunAgain(layer, tape);
            }

            Run(tape.Records, tape.Records.Count - 1, 0);
            tape.Release(context.Memory);
        }

        Run(outer, embeddings - 1, 0);
    }

    // The layer's output of the first run holds the gradient that the layer behind has left; the output of the second takes it over.
    private void RunAgain(int layer, LayerTape tape)
    {
        TapeValue output = tape.Values.Single();
        if (!output.NeedsGradient || output.Gradient is null)
        {
            return;
        }

        tape.Values = [];
        TapeValue input = layer == 0 ? outside.Values[0] : layers[layer - 1].Values.Single();
        rerunning = true;
        TapeValue second = Value(model.Network.RunLayer(this, Handle(input), layer));
        rerunning = false;
        output.HandGradientTo(second);
        output.Release(context.Memory);
    }

    private void Run(List<TapeRecord> records, int last, int first)
    {
        for (int i = last; i >= first; i--)
        {
            records[i].Backward(context);
        }
    }

    private Activation Handle(TapeValue value)
    {
        handles.Add(value);
        return new Activation(handles.Count - 1);
    }

    private TapeValue Value(Activation activation) => handles[activation.Id];

    /// <summary>Values and records of one layer, or of what lies outside of the layers.</summary>
    private sealed class LayerTape
    {
        public List<TapeValue> Values { get; set; } = [];

        public List<TapeRecord> Records { get; } = [];

        /// <summary>Gives back all values but the last of the residual stream.</summary>
        public void KeepStreamOnly(TapeMemory memory)
        {
            TapeValue kept = Values.Last(value => value.IsStream);
            foreach (TapeValue value in Values.Where(value => value != kept))
            {
                value.Release(memory);
            }

            Values = [kept];
        }

        public void Release(TapeMemory memory)
        {
            foreach (TapeValue value in Values)
            {
                value.Release(memory);
            }

            Values.Clear();
            Records.Clear();
        }
    }
}
