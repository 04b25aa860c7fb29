using System.Collections.Immutable;
using Lapidary.Inference.Sampling;
using Lapidary.Numerics.Memory;

namespace Lapidary.Inference.Generation;

/// <summary>One step of the decode loop: what goes through the network together, and what is made of the logits.</summary>
internal sealed unsafe class GenerationPass(LanguageModel model, SamplingMemory memory, int contextLength) : IDisposable
{
    private readonly Batch batch = new();
    private readonly List<ActiveGeneration> members = [];
    private NativeMemoryBlock? logits;

    /// <summary>
    /// Takes a chunk of the prompts and a token of every sequence behind its prompt. Throws nothing: what fails tells its reader.
    /// </summary>
    public void Step(List<ActiveGeneration> active)
    {
        TakePrompts(active);
        members.Clear();
        foreach (ActiveGeneration generation in active)
        {
            if (generation is { InPrompt: false, Ended: false, Paused: false } && MakeRoom(generation))
            {
                members.Add(generation);
            }
        }

        Run();
    }

    public void Dispose() => logits?.Dispose();

    private void TakePrompts(List<ActiveGeneration> active)
    {
        members.Clear();
        int room = model.Options.ChunkSize;
        foreach (ActiveGeneration generation in active)
        {
            generation.Next = 0;
            if (!generation.InPrompt || generation.Ended)
            {
                continue;
            }

            // The logits of all tokens, where their probabilities are asked for, come from passes over one sequence; those behind the
            // last token come from an ordinary pass, so that asking for probabilities changes nothing about what is generated.
            int rest = generation.Request.Prompt.Length - generation.PromptDone;
            if (generation.Request.PromptLogProbabilities && rest > 1)
            {
                ScoreChunk(generation, Math.Min(rest - 1, model.Options.ChunkSize));
            }
            else if (room > 0)
            {
                generation.Next = Math.Min(room, rest);
                room -= generation.Next;
                members.Add(generation);
            }
        }

        Run();
    }

    private void Run()
    {
        if (members.Count == 0)
        {
            return;
        }

        try
        {
            Pass(0, members.Count);
        }
        catch (NonFiniteException) when (members.Count > 1)
        {
            // Whose numbers they were is seen when each goes alone; the others must not suffer. Nothing has moved on yet.
            for (int i = 0; i < members.Count; i++)
            {
                PassAlone(i);
            }
        }
        catch (Exception exception)
        {
            foreach (ActiveGeneration generation in members)
            {
                generation.Fail(exception);
            }
        }
    }

    private void PassAlone(int index)
    {
        try
        {
            Pass(index, 1);
        }
        catch (Exception exception)
        {
            members[index].Fail(exception);
        }
    }

    private void Pass(int first, int count)
    {
        batch.Clear();
        int wanted = 0;
        for (int i = first; i < first + count; i++)
        {
            ActiveGeneration generation = members[i];
            bool wants = generation.NextEndsPrompt || !generation.InPrompt;
            wanted += wants ? 1 : 0;
            batch.Add(generation.Slot!.Cache, generation.NextTokens, wants);
        }

        long bytes = (long)wanted * model.Config.VocabularySize * sizeof(float);
        if (logits is null || logits.ByteLength < bytes)
        {
            logits?.Dispose();
            logits = null;
            logits = new NativeMemoryBlock(bytes);
        }

        bool decodes = !members[first].InPrompt;
        model.Run(batch, fast: decodes && !model.Options.Exact, wanted == 0 ? null : (float*)logits.Pointer);
        int row = 0;
        for (int i = first; i < first + count; i++)
        {
            ActiveGeneration generation = members[i];
            bool ends = generation.NextEndsPrompt;
            bool hasLogits = ends || !generation.InPrompt;
            generation.Advance();
            if (hasLogits)
            {
                Choose(generation, ends, row++);
            }
        }
    }

    private void Choose(ActiveGeneration generation, bool promptEnds, int row)
    {
        int vocabulary = model.Config.VocabularySize;
        var values = new ReadOnlySpan<float>((float*)logits!.Pointer + ((nint)row * vocabulary), vocabulary);
        try
        {
            if (promptEnds)
            {
                generation.PromptEnds();
                if (generation.Ended)
                {
                    return;
                }
            }

            int token = generation.Sampler.Sample(values);
            generation.Emit(
                token, generation.Request.LogProbabilities is int alternatives ? Score(values, token, alternatives) : null);
        }
        catch (Exception exception)
        {
            // Logits that are not finite, or what the request's own condition has thrown: the fault of this sequence alone.
            generation.Fail(exception is NonFiniteException seen ? new NonFiniteException($"{model.Checkpoint.Path}: {seen.Message}") : exception);
        }
    }

    private void ScoreChunk(ActiveGeneration generation, int count)
    {
        try
        {
            generation.Next = count;
            ImmutableArray<int> prompt = generation.Request.Prompt;
            int alternatives = generation.Request.LogProbabilities ?? 0;
            batch.Clear();
            batch.Add(generation.Slot!.Cache, generation.NextTokens);
            model.Run(batch, fast: false, null, (position, rows, values) =>
            {
                int vocabulary = values.Length / rows;
                for (int i = 0; i < rows; i++)
                {
                    generation.PromptScores.Add(
                        Score(values.Slice(i * vocabulary, vocabulary), prompt[position + i + 1], alternatives));
                }
            });
            generation.Advance();
        }
        catch (Exception exception)
        {
            generation.Fail(exception);
        }
    }

    private ScoredToken Score(ReadOnlySpan<float> values, int token, int alternatives)
    {
        LogitScan scan = memory.Scan;
        scan.Look(values);
        double logTotal = scan.Largest + Math.Log(scan.SumExponentials(values));
        if (alternatives == 0)
        {
            return new ScoredToken(token, values[token] - logTotal, []);
        }

        ReadOnlySpan<ulong> top = scan.Top(values, Math.Min(alternatives, values.Length));
        var builder = ImmutableArray.CreateBuilder<TokenLogProbability>(top.Length);
        foreach (ulong key in top)
        {
            int other = LogitScan.TokenOf(key);
            builder.Add(new TokenLogProbability(other, values[other] - logTotal));
        }

        return new ScoredToken(token, values[token] - logTotal, builder.MoveToImmutable());
    }

    // The cache grows with the answer, doubling, so that it is copied seldom and a short answer takes little.
    private bool MakeRoom(ActiveGeneration generation)
    {
        try
        {
            KvCache cache = generation.Slot!.Cache;
            if (cache.Length == cache.Capacity)
            {
                cache.EnsureCapacity((int)Math.Min(contextLength, 2L * cache.Capacity));
            }

            generation.Next = 1;
            return true;
        }
        catch (OutOfMemoryException exception)
        {
            generation.Fail(exception);
            return false;
        }
    }
}
