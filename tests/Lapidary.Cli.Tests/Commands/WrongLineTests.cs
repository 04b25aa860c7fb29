using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>A wrong request ends with exit code 2, one sentence on stderr that names the fact, and an empty stdout.</summary>
public sealed class WrongLineTests
{
    /// <summary>The line, and what its sentence must say. {0} is an empty folder, {1} a file of text, {2} a folder with a file in it, {3} a model without a tokenizer.</summary>
    public static TheoryData<string, string> Lines => new()
    {
        { "ifno", "expected a command, found 'ifno'; did you mean 'info'?" },
        { "xyzzy", "expected a command, found 'xyzzy'" },
        { "--jsn", "found '--jsn'; did you mean '--json'?" },
        { "info --tensor", "info: expected an option of this command, found '--tensor'; did you mean '--tensors'?" },
        { "run --token 1,2", "found '--token'; did you mean '--tokens'?" },
        { "info pebble second", "expected nothing after 'pebble', found 'second'" },
        { "info --json=yes", "--json: expected no value, found 'yes'" },
        { "info pebble --context", "--context: expected one value, found none" },
        { "info pebble --context 0", "--context: expected a whole number of at least 1, found '0'" },
        { "info pebble --context 99999999", "--context: expected at most the model's" },
        { "info {0}/absent", "expected a folder, a .gguf file or a hub id, found no such file" },
        { "info nobody/nothing", "nobody/nothing: expected a folder, a .gguf file or a model in the Hugging Face cache" },
        { "info {0}", "config.json" },
        { "info {1}", "text.txt: " },
        { "run", "run: expected --prompt, --file, --tokens or a prompt on stdin, found none of them" },
        { "run -p Hello --tokens 1", "run: expected a prompt as text or as token ids, found both" },
        { "run -p Hello -f {1}", "run: expected --prompt or --file, found both" },
        { "run -f {0}/absent", "absent: expected a file with a prompt, found no such file" },
        { "run -f {0}", ": expected a file with a prompt, found a folder" },
        { "run -p Hello --temp -1", "--temp: expected a number of at least 0, found '-1'" },
        { "run -p Hello --temp hot", "--temp: expected a number of at least 0, found 'hot'" },
        { "run -p Hello --top-k -1", "--top-k: expected a whole number of at least 0, found '-1'" },
        { "run -p Hello --top-p 0", "--top-p: expected a number above 0 and at most 1, found '0'" },
        { "run -p Hello --min-p 1.5", "--min-p: expected a number from 0 to 1, found '1.5'" },
        { "run -p Hello --repeat-penalty 0", "--repeat-penalty: expected a number above 0, found '0'" },
        { "run --tokens 1 --logit-bias 5", "--logit-bias: expected a token id and a number such as 15=-2.5 or 15=-inf, found '5'" },
        { "run --tokens 1 --preset gemma-4", "--preset: expected one of greedy, gemma-3, gemma-3n-gguf, found 'gemma-4'" },
        { "run --tokens 1 --seed x", "--seed: expected a whole number of at least 0, found 'x'" },
        { "run {3} -p Hello", ": expected a tokenizer (tokenizer.json or tokenizer.model), found none; without one" },
        { "chat {3}", ": expected a tokenizer (tokenizer.json or tokenizer.model), found none; without one" },
        { "chat {0}/absent", "expected a folder, a .gguf file or a hub id, found no such file" },
        { "chat -n 0", "-n: expected a whole number of at least 1, found '0'" },
        { "run --tokens", "--tokens: expected one value, found none" },
        { "run --tokens abc", "--tokens: expected token ids such as 1,2,3, found 'abc'" },
        { "run --tokens 1,-2", "--tokens: expected token ids such as 1,2,3, found '1,-2'" },
        { "run --tokens -1", "--tokens: expected token ids such as 1,2,3, found '-1'" },
        { "run --tokens 1,99999", "--tokens: expected ids below the vocabulary of 3072, found 99999" },
        { "run --tokens 1,2,3 --context 2", "--tokens: expected a prompt of at most 2 tokens, the length of the context, found 3" },
        { "run --tokens 1 --tokens 2", "--tokens: expected it once, found it 2 times" },
        { "run --tokens 1 --tokens-file {1}", "run: expected --tokens or --tokens-file, found both" },
        { "run --tokens-file {0}/absent", "absent: expected a file with token ids, found no such file" },
        { "run --tokens-file {0}", ": expected a file with token ids, found a folder" },
        { "run --tokens-file {1}", "text.txt: expected token ids such as 1,2,3, found 'no numbers'" },
        { "run --tokens 1 -n 0", "-n: expected a whole number of at least 1, found '0'" },
        { "run --tokens 1 -n -5", "-n: expected a whole number of at least 1, found '-5'" },
        { "run --tokens 1 -n 1.5", "-n: expected a whole number of at least 1, found '1.5'" },
        { "run --tokens 1 --threads 0", "--threads: expected a whole number from 1 to 1024, found '0'" },
        { "run --tokens 1 -t many", "-t: expected a whole number from 1 to 1024, found 'many'" },
        { "run --tokens 1 --chunk 0", "--chunk: expected a whole number from 1 to 65536, found '0'" },
        { "logits --tokens 1,2", "logits: expected --output or -o, found no such option" },
        { "logits --tokens 1,2 -o {0}", ": expected a file to write, found a folder" },
        { "logits --tokens 1,2 -o {0}/absent/x.safetensors", "expected the folder {0}/absent to exist, found no such folder" },
        { "logits --tokens 1,3600 -o {0}/x.safetensors", "expected ids below the vocabulary of 3072, found 3600" },
        { "logits --tokens 1 --dump hidden.99 -o {0}/x.safetensors", "--dump: expected" },
        { "logits --tokens 1 --dump , -o {0}/x.safetensors", "--dump: expected names separated by commas, found ','" },
        { "init -o {0}/new", "init: expected a PRESET or --config, found neither" },
        { "init gemma-3-270n -o {0}/new", "found 'gemma-3-270n'; did you mean 'gemma-3-270m'?" },
        { "init tiny --config {1} -o {0}/new", "init: expected a PRESET or --config, found both" },
        { "init --config {1} -o {0}/new", "text.txt: " },
        { "init tiny", "init: expected --output or -o, found no such option" },
        { "init tiny -o {2}", ": expected an empty folder or none (or --overwrite), found a folder with files in it" },
        { "init tiny -o {1}", "text.txt: expected a folder to write, found a file" },
        { "init tiny --dtype F8 -o {0}/new", "--dtype: expected one of F32, F16, BF16, found 'F8'" },
        { "init tiny --seed -1 -o {0}/new", "--seed: expected a whole number of at least 0, found '-1'" },
        { "init tiny --tokenizer {0}/absent -o {0}/new", "absent: expected a folder with a tokenizer, found no such folder" },
        { "convert {3} -o {0}/new.gguf", "has neither tokenizer.json nor tokenizer.model, which the GGUF file of a model needs" },
        { "convert {2} -o {0}/new.gguf", "has neither model.safetensors nor model.safetensors.index.json" },
        { "convert {3} -o {0}/absent/new.gguf", "expected the folder {0}/absent to exist, found no such folder" },
        { "convert {3} -o {0}/new.gguf --dtype Q4_0", "--dtype: expected one of F32, F16, BF16, found 'Q4_0'" },
        { "convert {2} -o {2}", ": expected an output other than the input, found the input itself" },
        { "convert {2} -o {2}/.", ": expected an output other than the input, found the input itself" },
        { "convert pebble --dtype int4 -o {0}/new", "--dtype: expected one of F32, F16, BF16, found 'int4'" },
        { "tune {3} --data {1} -o {0}/new --method lora --prune-to 0.5", "--prune-to: expected --method full, found --method lora" },
        { "tune {3} --data {1} -o {0}/new --method prompt --prune-pattern 2:4", "--prune-pattern: expected --method full, found --method prompt" },
        { "tune {3} --data {1} -o {0}/new --prune-to 1", "--prune-to: expected a number above 0 and below 1, found '1'" },
        { "tune {3} --data {1} -o {0}/new --prune-to 0", "--prune-to: expected a number above 0 and below 1, found '0'" },
        { "tune {3} --data {1} -o {0}/new --prune-every 5", "--prune-every: expected --prune-to or --prune-pattern beside it, found neither" },
        { "tune {3} --data {1} -o {0}/new --prune-to 0.5 --prune-every 0", "--prune-every: expected a whole number of at least 1, found '0'" },
        { "tune {3} --data {1} -o {0}/new --prune-to 0.5 --prune-pattern 2:4", "--prune-pattern: expected --prune-to or --prune-pattern, found both" },
        { "tune {3} --data {1} -o {0}/new --prune-pattern 4:2", "--prune-pattern: expected N:M such as 2:4, with N from 1 to M - 1 and M of at most 1024, found '4:2'" },
        { "tune {3} --data {1} -o {0}/new --prune-to 0.5 --prune-from 0.6", "--prune-from: expected at most the sparsity at the end, 0.5, found 0.6" },
        { "tune {3} --data {1} -o {0}/new --prune-to 0.5 --prune-start 0.8 --prune-end 0.2", "--prune-start: expected a moment before --prune-end, 0.2, found 0.8" },
        { "tune {3} --data {1} -o {0}/new --prune-to 0.5 --prune-end 1.5", "--prune-end: expected a share below 1 or a whole number of steps, found '1.5'" },
        { "tune {3} --data {1} -o {0}/new --prune-to 0.5 --prune-tensors (", "--prune-tensors: expected a regular expression that looks neither around nor back, found '('" },
        { "tune {3} --data {1} -o {0}/new --prune-to 0.5 --change-zeros", "--change-zeros: expected --change-zeros or pruning, found both" },
        { "prune pebble -o {0}/new --sparsity 0.5", "prune: expected --method or --report, found neither of them" },
        { "prune pebble -o {0}/new --method magnitud --sparsity 0.5", "--method: expected one of magnitude, wanda, sparsegpt, depth, width, found 'magnitud'; did you mean 'magnitude'?" },
        { "prune pebble --method magnitude --sparsity 0.5", "prune: expected --output or -o, found no such option" },
        { "prune pebble -o {0}/new --method magnitude", "prune: expected --sparsity or --pattern, found neither of them" },
        { "prune pebble -o {0}/new --method magnitude --sparsity 0.5 --pattern 2:4", "prune: expected --sparsity or --pattern, found both" },
        { "prune pebble -o {0}/new --method magnitude --sparsity 1", "--sparsity: expected a number of at least 0 and below 1, found '1'" },
        { "prune pebble -o {0}/new --method magnitude --sparsity -0.1", "--sparsity: expected a number of at least 0 and below 1, found '-0.1'" },
        { "prune pebble -o {0}/new --method magnitude --pattern 4:4", "--pattern: expected N:M such as 2:4, with N from 1 to M - 1 and M of at most 1024, found '4:4'" },
        { "prune pebble -o {0}/new --method magnitude --pattern 2:7", "which are no whole groups of 7" },
        { "prune pebble -o {0}/new --method magnitude --pattern 2:4 --scope layer", "--scope: expected magnitude without --pattern, found --pattern 2:4" },
        { "prune pebble -o {0}/new --method wanda --sparsity 0.5 --scope layer -f {1}", "--scope: expected magnitude without --pattern, found wanda" },
        { "prune pebble -o {0}/new --method wanda --sparsity 0.5", "prune: expected --file, a calibration text for wanda, found no such option" },
        { "prune pebble -o {0}/new --method magnitude --sparsity 0.5 --allocation owl", "a calibration text for magnitude with --allocation owl, found no such option" },
        { "prune pebble -o {0}/new --method magnitude --sparsity 0.5 -f {1}", "--file: expected a method that looks at a text (wanda, sparsegpt, or --allocation owl), found magnitude" },
        { "prune pebble -o {0}/new --method wanda --sparsity 0.5 --owl-m 3 -f {1}", "--owl-m: expected --allocation owl, found another allocation" },
        { "prune pebble -o {0}/new --method wanda --pattern 2:4 --allocation owl -f {1}", "--allocation owl: expected --sparsity, which it shares out, found --pattern 2:4" },
        { "prune pebble -o {0}/new --method wanda --sparsity 0.5 --damping 0.1 -f {1}", "--damping: expected --method sparsegpt, found wanda" },
        { "prune pebble -o {0}/new --method sparsegpt --sparsity 0.5 --damping 0 -f {1}", "--damping: expected a number above 0, found '0'" },
        { "prune pebble -o {0}/new --method sparsegpt --pattern 2:4 --block-size 6 -f {1}", "--block-size: expected whole groups of 4, found 6" },
        { "prune pebble -o {0}/new --method wanda --sparsity 0.5 -f {1}", "text.txt: expected at least 1024 tokens, two chunks of 512, found " },
        { "prune pebble -o {0}/new --method wanda --sparsity 0.5 -f {0}/absent", "absent: expected a text in UTF-8, found no such file" },
        { "prune {3} -o {0}/new --method wanda --sparsity 0.5 -f {1}", ": expected a tokenizer (tokenizer.json or tokenizer.model), found none" },
        { "prune pebble -o {0}/new --method magnitude --sparsity 0.5 --include (", "--include: expected a regular expression that looks neither around nor back, found '('" },
        { "prune pebble -o {0}/new --method magnitude --sparsity 0.5 --exclude conv", "has no matrix whose name matches conv" },
        { "prune pebble -o {0}/new.gguf --method magnitude --sparsity 0.5", "new.gguf: expected a folder, found a GGUF file; lapidary convert" },
        { "prune pebble -o {2} --method magnitude --sparsity 0.5", ": expected an empty folder or none (or --overwrite), found a folder with files in it" },
        { "prune pebble -o {0}/new --method depth --layers 4 --sparsity 0.5", "--method depth: expected no --sparsity, found one" },
        { "prune pebble -o {0}/new --method magnitude --sparsity 0.5 --ffn 8", "--method magnitude: expected no --ffn, found one" },
        { "quantize pebble -o {0}/new.gguf", "quantize: expected --type, --all or --search, found none of them" },
        { "quantize pebble --type Q4_0 -o {0}/new.gguf --imatrix {0}/absent", "absent" },
        { "quantize pebble --type Q4_0 -o {0}/new.gguf --imatrix {1}", "not a GGUF file, and as one of llama.cpp's older form" },
        { "quantize pebble --type Q4_0 -o {0}/new.gguf -f {1}", "quantize: expected --file with --all or --search, found it without" },
        { "quantize pebble --type Q4_0 -o {0}/new.gguf --no-bench", "quantize: expected --no-bench with --all or --search, found it without" },
        { "quantize pebble --all", "quantize: expected --output with a folder for --all, found none" },
        { "quantize pebble --all -o {0}/new --type Q4_0", "quantize: expected --all, which chooses the types, without --type, found both" },
        { "quantize pebble --all -o {0}/new --pure", "quantize: expected --all, which chooses the types, without --pure, found both" },
        { "quantize pebble --all -o {0}/new --types-only", "quantize: expected --all or --types-only, found both" },
        { "quantize pebble --all -o {0}/new --search 5", "quantize: expected --all or --search, found both" },
        { "quantize pebble --all -o {0}/new --ctx 64", "quantize: expected --ctx with a text (-f), found no text" },
        { "quantize pebble --all -o {0}/new --base pebble-it", "quantize: expected --base with a text (-f), found no text" },
        { "quantize pebble --all -o {0}/new -f {0}/absent.txt", "absent.txt" },
        { "quantize pebble --all -o {0}/new -f {1}", "text.txt: expected at least 1024 tokens, two chunks of 512, found " },
        { "quantize pebble --all -o {1}", "text.txt: expected a folder to write, found a file" },
        { "quantize pebble --all -o {2}", ": expected an empty folder or none (or --overwrite), found a folder with files in it" },
        { "quantize {3} --all -o {0}/new", "has neither tokenizer.json nor tokenizer.model" },
        { "quantize pebble --search 5 -o {0}/new.gguf", "quantize: expected --search with a calibration text (-f), found no text" },
        { "quantize pebble --search 5", "quantize: expected --output or --types-only, found neither of them" },
        { "quantize pebble --search 5 -o {0}/new.gguf -f {1} --tensor-type a=Q4_0", "quantize: expected --search, which chooses the types, without --tensor-type, found both" },
        { "quantize pebble --search 5 -o {0}/new.gguf -f {1} --no-bench", "quantize: expected --no-bench with --all, found it with --search" },
        { "quantize pebble --search 5 -o {0}/new.gguf -f {1}", "text.txt: expected at least 1024 tokens, two chunks of 512, found " },
        { "quantize pebble --search 1 -o {0}/new.gguf -f {1}", "--search: expected from 2.67" },
        { "quantize pebble --search 32 -o {0}/new.gguf -f {1}", " bits per weight for this model, found 32" },
        { "quantize pebble --search five -o {0}/new.gguf -f {1}", "--search: expected a number of bits above 0 such as 4.5" },
        { "quantize pebble --search -1 -o {0}/new.gguf -f {1}", "--search: expected a number of bits above 0 such as 4.5" },
        { "quantize pebble --type Q4_K_M", "quantize: expected --output or --types-only, found neither of them" },
        { "quantize pebble --type Q4_K_N --types-only", "--type: expected one of F32, F16, BF16, Q8_0, Q6_K, " },
        { "quantize pebble --type Q4_K_N --types-only", "found 'Q4_K_N'; did you mean 'Q4_K_M'?" },
        { "quantize pebble --type Q4_0 --tensor-type attn_v --types-only", "--tensor-type: expected PATTERN=TYPE such as attn_v=Q6_K, found 'attn_v'" },
        { "quantize pebble --type Q4_0 --tensor-type attn_v=Q7_K --types-only", "found 'Q7_K'; did you mean 'Q" },
        { "quantize pebble --type Q4_0 --tensor-type (=Q6_K --types-only", "--tensor-type: expected before the '=' a regular expression that looks neither around nor back, found '('" },
        { "quantize pebble --type Q4_0 --tensor-type attn_w=Q6_K --types-only", "has no matrix whose GGUF name matches attn_w" },
        { "quantize {3} --type Q4_K_M --pure --no-tokenizer --types-only", "rows of 64 numbers, which are no whole number of Q4_K blocks of 256" },
        { "quantize {3} --type Q8_0 --types-only", "has neither tokenizer.json nor tokenizer.model" },
        { "quantize pebble --type Q8_0 -o {0}", ": expected a file to write, found a folder" },
        { "quantize pebble --type Q8_0 -o {0}/none/new.gguf", " to exist, found no such folder" },
        { "quantize pebble --type Q8_0 -o {1}", "text.txt: expected a new file (or --overwrite), found a file that is there already" },
        { "quantize pebble --type Q8_0 -o {0}/new.gguf --threads 0", "--threads: expected a whole number from 1 to 1024, found '0'" },
        { "bench -p 0 -n 0", "bench: expected a length above 0 after -p or -n, found only zeros" },
        { "bench -p 12,x", "-p: expected whole numbers of at least 0, separated by commas, found '12,x'" },
        { "bench -p 1000000", "-p, -n and -d: expected at most the model's" },
        { "bench -t 0", "-t: expected whole numbers of at least 1, separated by commas, found '0'" },
        { "bench -r 0", "-r: expected a whole number from 1 to 1000, found '0'" },
        { "train-tokenizer -o {0}/new --vocab-size 600", "train-tokenizer: expected --data, found no such option" },
        { "train-tokenizer --data {1} -o {0}/new", "train-tokenizer: expected --vocab-size, found no such option" },
        { "train-tokenizer --data {1} -o {0}/new --vocab-size 424", "--vocab-size: expected a whole number from 425 to 262144, found '424'" },
        { "train-tokenizer --data {1} -o {0}/new --vocab-size 600 --coverage 0", "--coverage: expected a number above 0 and at most 1, found '0'" },
        { "train-tokenizer --data {1} -o {0}/new --vocab-size 600 --max-piece-length 1", "--max-piece-length: expected a whole number from 2 to 64, found '1'" },
        { "train-tokenizer --data {1} -o {0}/new --vocab-size 600", "expected texts for 600 pieces, found enough for" },
        { "train-tokenizer --data {1} -o {2} --vocab-size 600", ": expected an empty folder or none (or --overwrite), found a folder with files in it" },
        { "train-tokenizer --data {0} -o {0}/new --vocab-size 600", ": expected a file with texts, found a folder" },
        { "train-tokenizer --data {0}/absent.txt -o {0}/new --vocab-size 600", "absent.txt: expected a file with texts, found no such file" },
        { "train-tokenizer --data {3}/model.safetensors -o {0}/new --vocab-size 600", "expected a .txt, .jsonl or .json file, found '.safetensors'" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void OneSentenceAndExitCode2(string line, string fact)
    {
        using var folder = new TemporaryFolder();
        string empty = Directory.CreateDirectory(folder["empty"]).FullName;
        string text = folder["text.txt"];
        File.WriteAllText(text, "no numbers\n");
        string full = Directory.CreateDirectory(folder["full"]).FullName;
        File.WriteAllText(Path.Combine(full, "config.json"), "{}");

        ToolResult result = ToolProcess.RunWith(
            new Dictionary<string, string> { ["HF_HUB_CACHE"] = empty },
            [.. line.Split(' ').Select(word => string.Format(word, empty, text, full, Fixtures.PathOf("g3-tiny-a")))]);

        result.Error.ShouldContain(string.Format(fact, empty));
        result.Error.ShouldStartWith("error: ");
        result.Error.TrimEnd('\n').ShouldNotContain("\n");
        result.Output.ShouldBeEmpty();
        result.ExitCode.ShouldBe(2);
    }

    [Fact]
    public void AFolderThatMayNotBeReadIsNamed()
    {
        using var folder = new TemporaryFolder();
        string locked = Directory.CreateDirectory(folder["locked"]).FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(locked, UnixFileMode.None);
        }

        // The administrator may read it all the same, and then misses config.json in it: either way it is named.
        ToolResult result = ToolProcess.Run("info", locked);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(locked, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain(locked);
        result.Error.TrimEnd('\n').ShouldNotContain("\n");
    }
}
