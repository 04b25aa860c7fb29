using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference;

public class SessionTests
{
    [Theory]
    [InlineData("g3-tiny-a-bf16", false)]
    [InlineData("g3-tiny-a-bf16", true)]
    [InlineData("gguf/wide-Q4_K_M.gguf", false)]
    public void Decoding_a_token_allocates_no_managed_memory(string name, bool exact)
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf(name), new InferenceOptions { Threads = 2, Exact = exact });
        using InferenceSession session = model.CreateSession(64);
        session.Process([2, 5, 7]);
        session.Decode(9);
        ManagedAllocation.Least(() =>
        {
            for (int i = 0; i < 12; i++)
            {
                session.Decode(10 + i);
            }
        }).ShouldBe(0);
    }

    [Theory]
    [InlineData(float.NaN, "model.layers.1.mlp.up_proj.weight")]
    [InlineData(float.PositiveInfinity, "model.layers.0.self_attn.v_proj.weight")]
    [InlineData(float.NegativeInfinity, "model.embed_tokens.weight")]
    public void A_number_that_is_not_finite_is_an_error_that_names_the_tensor(float bad, string tensor)
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model");
        Directory.CreateDirectory(model);
        foreach (string file in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(Fixtures.PathOf("g3-tiny-a"), file), Path.Combine(model, file));
        }

        string weights = Path.Combine(model, "model.safetensors");
        long offset;
        using (Lapidary.Checkpoints.SafetensorsFile file = Lapidary.Checkpoints.SafetensorsFile.Open(weights))
        {
            offset = file.Tensors[tensor].Offset;
        }

        using (FileStream stream = File.OpenWrite(weights))
        {
            // Row 2, column 3 of matrices with rows of 64.
            stream.Position = offset + (((2 * 64) + 3) * sizeof(float));
            stream.Write(BitConverter.GetBytes(bad));
        }

        using LanguageModel language = LanguageModel.Open(model, new InferenceOptions { Threads = 2 });
        using InferenceSession session = language.CreateSession(8);
        var thrown = Should.Throw<NonFiniteException>(() => session.Process([2, 3, 4]));
        thrown.Message.ShouldContain(tensor);
        thrown.Message.ShouldContain(model);
        thrown.Message.ShouldContain("row 2, column 3");
    }

    [Theory]
    [InlineData("g3-tiny-a", 8)]
    [InlineData("g3-tiny-a", 512)]
    [InlineData("gguf/narrow-Q8_0.gguf", 32)]
    public void A_session_that_has_grown_and_gone_back_gives_the_bits_of_a_fresh_one(string name, int chunk)
    {
        // Windows of 16 and longer, rings in blocks of 64: some places can be gone back to, some cannot.
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf(name), new InferenceOptions { Threads = 2, Exact = true, ChunkSize = chunk });
        using InferenceSession session = model.CreateSession(20);
        int[] tokens = [2, .. Enumerable.Range(1, 299).Select(i => i * 31 % 200)];
        session.Process(tokens.AsSpan(0, 20));
        Should.Throw<ArgumentException>(() => session.Decode(5));
        foreach (int length in new[] { 90, 250, 300 })
        {
            session.EnsureCapacity(length);
            session.Capacity.ShouldBe(length);
            session.Process(tokens.AsSpan(session.Position, length - session.Position)).ToArray().ShouldBe(Fresh(tokens[..length]));
        }

        session.EnsureCapacity(310);
        int rewound = 0;
        foreach (int position in new[] { 299, 270, 301, 240, 100, 0 })
        {
            int before = session.Position;
            bool possible = session.TryRewind(position);
            session.Position.ShouldBe(possible ? position : before);
            if (possible)
            {
                rewound++;
                int[] other = [.. tokens.AsSpan(0, position), 7, 8, 9];
                session.Process([7, 8, 9]).ToArray().ShouldBe(Fresh(other), $"back to {position}");
                session.TryRewind(position).ShouldBeTrue();
                session.Process(tokens.AsSpan(position, Math.Min(30, 300 - position)));
            }
        }

        // One token back always works, all tokens back too.
        rewound.ShouldBeGreaterThanOrEqualTo(2);

        float[] Fresh(int[] all)
        {
            using InferenceSession fresh = model.CreateSession(all.Length);
            return fresh.Process(all).ToArray();
        }
    }

    [Fact]
    public void Tokens_that_do_not_fit_or_do_not_exist_are_refused_and_the_session_goes_on()
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf("g3-tiny-a"), new InferenceOptions { Threads = 1 });
        using InferenceSession session = model.CreateSession(8);
        Should.Throw<ArgumentException>(() => session.Process([])).Message.ShouldContain("no tokens");
        Should.Throw<ArgumentException>(() => session.Process([2, 512])).Message.ShouldContain("Token 512");
        Should.Throw<ArgumentException>(() => session.Process([2, -1])).Message.ShouldContain("Token -1");
        Should.Throw<ArgumentException>(() => session.Process(new int[9])).Message.ShouldContain("9 tokens do not fit");
        session.Position.ShouldBe(0);
        session.Process(new int[8]);
        Should.Throw<ArgumentException>(() => session.Decode(2)).Message.ShouldContain("context of 8");
        session.Position.ShouldBe(8);
    }

    [Fact]
    public void An_observer_sees_every_named_value_once_a_pass_and_changes_nothing()
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf("g3-tiny-b"), new InferenceOptions { Threads = 1, ChunkSize = 4 });
        using InferenceSession watched = model.CreateSession(16);
        using InferenceSession alone = model.CreateSession(16);
        var seen = new List<(ActivationName Name, int Position)>();
        watched.Observer = (name, position, width, values) =>
        {
            values.Length.ShouldBe(width * (position == 4 ? 2 : 4));
            seen.Add((name, position));
        };
        float[] logits = watched.Process([2, 3, 4, 5, 6, 7]).ToArray();
        logits.ShouldBe(alone.Process([2, 3, 4, 5, 6, 7]).ToArray());
        ActivationName[] names = [.. ActivationName.All(model.Config.LayerCount)];
        seen.Where(value => value.Position == 0).Select(value => value.Name).ShouldBe(names, ignoreOrder: true);
        seen.Where(value => value.Position == 4).Select(value => value.Name).ShouldBe(names, ignoreOrder: true);
        names.Select(name => name.ToString()).Distinct().Count().ShouldBe(names.Length);
    }
}
