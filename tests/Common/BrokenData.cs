using System.Text;

namespace Lapidary.Tests.Common;

/// <summary>
/// Hand-made data files that nothing can be trained on, for the reader's tests and for those of the command line. They are meant for a model
/// with Gemma's chat template, a vocabulary of 4,096 pieces and sequences of 1,024 tokens.
/// </summary>
public static class BrokenData
{
    private const int Long = 100_000_000;

    /// <summary>All of them: files that are wrong as a whole, and files of one row each that is.</summary>
    public static IEnumerable<BrokenFile> All => [.. OfFiles(), .. OfCsv(), .. Rows.Select(row => Bytes(row.Name, "data.jsonl", row.Json(), row.Fragment))];

    /// <summary>Rows of JSON, without line breaks, that cannot be used beside others that can.</summary>
    public static IEnumerable<(string Name, Func<byte[]> Json, string Fragment)> Rows =>
        [.. OfJson(), .. OfText(), .. OfMessages(), .. OfTokens()];

    private static BrokenFile Bytes(string name, string file, byte[] content, string fragment) => new(
        name,
        folder =>
        {
            string path = Path.Combine(folder, file);
            File.WriteAllBytes(path, content);
            return path;
        },
        fragment);

    private static BrokenFile Text(string name, string file, string content, string fragment) => Bytes(name, file, Encoding.UTF8.GetBytes(content), fragment);

    private static (string Name, Func<byte[]> Json, string Fragment) Row(string name, string json, string fragment) =>
        (name, () => Encoding.UTF8.GetBytes(json), fragment);

    private static (string Name, Func<byte[]> Json, string Fragment) Messages(string name, string list, string fragment) =>
        Row("messages: " + name, $$"""{"messages":{{list}}}""", fragment);

    private static (string Name, Func<byte[]> Json, string Fragment) Tokens(string name, string rest, string fragment) =>
        Row("tokens: " + name, $$"""{"input_ids":{{rest}}}""", fragment);

    private static IEnumerable<BrokenFile> OfFiles()
    {
        yield return new("file: nothing there", folder => Path.Combine(folder, "absent.jsonl"), "absent.jsonl: does not exist");
        yield return new("file: an empty folder", folder => folder, "has no file that ends in .jsonl, .ndjson, .json, .csv, .txt or .parquet");
        yield return Text("file: empty", "data.jsonl", "", "data.jsonl: is empty where rows to train on were expected");
        yield return Text("file: empty text", "data.txt", "", "data.txt: is empty");
        yield return Text("file: a byte order mark alone", "data.jsonl", "\uFEFF", "is empty");
        yield return Text("file: blank lines", "data.jsonl", "\n \n\r\n", "has no row to train on");
        yield return Text("file: blank text", "data.txt", "\n \n\t\n", "has no row to train on");
        yield return Bytes("file: UTF-16", "data.jsonl", [0xFF, 0xFE, (byte)'{', 0], "is text in UTF-16 where JSON, CSV or text in UTF-8 was expected");
        yield return Bytes("file: gzip", "data.jsonl", [0x1F, 0x8B, 8, 0], "is compressed with gzip");
        yield return Text("file: Parquet that is cut", "data.parquet", "PAR1\u0015", "too few for a Parquet file");
        yield return Text("file: Parquet under another name", "data.json", "PAR1\u0015", "is a Parquet file");
        yield return Text("file: zeros", "data.txt", "\0\0\0\0", "holds bytes of zero");
        yield return Bytes("file: text that is not UTF-8", "data.txt", [(byte)'b', 0xC3, 0x28, (byte)'\n'], "the only one, in line 1, is not valid UTF-8 (byte 2)");
        yield return Text("file: an object over several lines", "data.json", "{\n  \"text\": \"a\"\n}\n", "the first of 3, in line 1, is not valid JSON (byte 2)");
        yield return Text("array: empty", "data.json", "[ ]", "has no row to train on");
        yield return Text("array: not closed", "data.json", "[\n{\"text\":\"a\"}\n", "in line 2, is where the file ends without the ']' that closes the array");
        yield return Text("array: closed twice", "data.json", "[]\n]", "in line 2, stands behind the ']' that closes the array");
        yield return Text("array: nothing between commas", "data.json", "[,\n,{}]", "the first of 3, in line 1, is not valid JSON");
        yield return Text("array: fault in an inner line", "data.json", "[{\"text\":\n\n3x}]", "in line 1, is not valid JSON (line 3, byte 2)");
        yield return new("text: a line of 100 MB", folder => WriteLong(Path.Combine(folder, "data.txt"), "", ""), "in line 1, has more than 16 MiB");
        yield return new(
            "row: a line of 100 MB",
            folder => WriteLong(Path.Combine(folder, "data.jsonl"), "{\"text\":\"", "\"}"),
            "in line 1, has more than 16 MiB, which is more than a row may have");
        yield return new(
            "array: an element of 100 MB", folder => WriteLong(Path.Combine(folder, "data.json"), "[{\"text\":\"", "\"}]"), "in line 1, has more than 16 MiB");
    }

    private static IEnumerable<BrokenFile> OfCsv()
    {
        yield return Text("csv: unknown columns", "data.csv", "question,answer\na,b\n", "has a header with the columns question, answer where messages, conversations,");
        yield return Text("csv: another separator", "data.csv", "prompt;completion\na;b\n", "has a header with the column prompt;completion where");
        yield return Text("csv: no header", "data.csv", "Some text.\nMore text.\n", "has a header with the column Some text. where");
        yield return Text("csv: header alone", "data.csv", "text\n", "has no row to train on");
        yield return Text("csv: column twice", "data.csv", "text,a,text\nx,y,z\n", "has the column \"text\" twice in its header");
        yield return Text("csv: header that is not closed", "data.csv", "\"text\na\n", "has a header that has a field 1 whose quote is not closed");
        yield return Text("csv: too few fields", "data.csv", "prompt,completion\n\na\n", "in line 3, has 1 field where the header has 2");
        yield return Text("csv: too many fields", "data.csv", "text\na,b,c\n", "has 3 fields where the header has 1");
        yield return Text("csv: quote that is not closed", "data.csv", "text\n\"a\nb\n", "in line 2, has a field 1 whose quote is not closed");
        yield return Text("csv: something behind a quote", "data.csv", "text\n\"a\"b\n", "has something behind the closing quote of its field 1");
        yield return Bytes("csv: not UTF-8", "data.csv", [.. "text\nab"u8, 0xFF, (byte)'\n'], "is not valid UTF-8 (byte 3)");
        yield return Text("csv: list that is no JSON", "data.csv", "input_ids\n\"1, 2\"\n", "has as input_ids what is not valid JSON");
        yield return Text("csv: a million fields", "data.csv", "text\n" + new string(',', 1_000_000) + "\n", "has more than 4096 fields");
        yield return Text("csv: empty field", "data.csv", "text,x\n,1\n", "has an empty text");
        yield return new("csv: a field of 100 MB", folder => WriteLong(Path.Combine(folder, "data.csv"), "text\n\"", "\"\n"), "in line 2, has more than 16 MiB");
    }

    private static IEnumerable<(string Name, Func<byte[]> Json, string Fragment)> OfJson()
    {
        yield return Row("row: not JSON", """{"text": "abc" """, "is not valid JSON (byte 16)");
        yield return Row("row: two values", """{"text":"a"} {"text":"b"}""", "is not valid JSON (byte 14)");
        yield return Row("row: nested too deep", "{\"x\":" + new string('[', 1000) + new string(']', 1000) + ",\"text\":\"a\"}", "is not valid JSON");
        yield return Row("row: a text", "\"Hello\"", "is a text where an object was expected");
        yield return Row("row: a number", "7", "is 7 where an object was expected");
        yield return ("row: not UTF-8", () => [.. "{\"text\":\"a"u8, 0xE4, .. "b\"}"u8], "is not valid UTF-8 (byte 11)");
        yield return Row("row: half a surrogate", """{"text":"a\ud800"}""", "holds text that is not valid Unicode");
        yield return Row("row: half a surrogate in a name", """{"text":"a","\udc00":1}""", "holds text that is not valid Unicode");
        yield return Row("row: nothing", "{}", "has no columns where messages, conversations, prompt and completion, instruction and response, text, or input_ids were expected");
        yield return Row("row: unknown columns", """{"question":"a","answer":"b"}""", "has the columns question, answer where messages");
        yield return Row("row: many unknown columns", """{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j\n":1}""", "has the columns a, b, c, d, e, f, g, h, ... where");
    }

    private static IEnumerable<(string Name, Func<byte[]> Json, string Fragment)> OfText()
    {
        yield return Row("text: a number", """{"text":3}""", "has as text 3 where a text was expected");
        yield return Row("text: null", """{"text":null}""", "has as text null where a text was expected");
        yield return Row("text: empty", """{"text":""}""", "has an empty text");
        yield return Row("text: white space", """{"text":" \n\t"}""", "has an empty text");
        yield return Row("prompt: no completion", """{"prompt":"a"}""", "has the column prompt where");
        yield return Row("prompt: a number", """{"prompt":5,"completion":"b"}""", "has as prompt 5 where a text was expected");
        yield return Row("prompt: empty completion", """{"prompt":"a","completion":""}""", "has an empty completion");
        yield return Row("prompt: text and messages", """{"prompt":"a","completion":[{"role":"assistant","content":"b"}]}""", "has as completion an array where a text was expected");
        yield return Row("prompt: messages and text", """{"prompt":[{"role":"user","content":"b"}],"completion":"a"}""", "has as completion a text where an array of messages");
        yield return Row("Dolly: no response", """{"instruction":"a","context":"","category":"x"}""", "has the columns instruction, context, category where");
        yield return Row("Dolly: empty instruction", """{"instruction":"","context":"","response":"a"}""", "has an empty instruction");
        yield return Row("Dolly: response is a number", """{"instruction":"a","context":"","response":42}""", "has as response 42 where a text was expected");
        yield return Row("Dolly: context is a list", """{"instruction":"a","context":["b"],"response":"c"}""", "has as context an array where a text was expected");
    }

    private static IEnumerable<(string Name, Func<byte[]> Json, string Fragment)> OfMessages()
    {
        yield return Messages("a text", "\"Hi\"", "has as messages a text where an array of messages was expected");
        yield return Messages("none", "[]", "has no messages in messages where 1 to 4096 were expected");
        yield return Messages("too many", "[" + string.Join(',', Enumerable.Repeat("{}", 5000)) + "]", "has 5000 messages in messages where 1 to 4096");
        yield return Messages("a number in the list", "[1]", "has as messages[0] 1 where a message was expected");
        yield return Messages("no role", """[{"content":"a"}]""", "has no role in messages[0]");
        yield return Messages("role is a number", """[{"role":1,"content":"a"}]""", "has as messages[0].role 1 where a text was expected");
        yield return Messages("no content", """[{"role":"user","content":"a"},{"role":"assistant"}]""", "has no content in messages[1]");
        yield return Messages("content is an object", """[{"role":"user","content":{}}]""", "has as messages[0].content an object where a text was expected");
        yield return Messages("empty answer", """[{"role":"user","content":"a"},{"role":"assistant","content":""}]""", "has an empty messages[1].content");
        yield return Messages("no answer", """[{"role":"user","content":"a"}]""", "has no turn of the assistant to learn from");
        yield return Messages(
            "two questions",
            """[{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c"}]""",
            "is refused by the chat template: The roles must alternate");
        yield return Messages("an image", """[{"role":"user","content":[{"type":"image"}]}]""", "has as messages[0].content[0] something other than text");
        yield return Messages("tools are an object", """[{"role":"user","content":"a"},{"role":"assistant","content":"c"}],"tools":{}""", "has as tools an object where an array was expected");
        yield return Row("conversations: unknown speaker", """{"conversations":[{"from":"narrator","value":"a"}]}""", "has as conversations[0].from \"narrator\" where human, gpt or system");
        yield return Row("conversations: no value", """{"conversations":[{"from":"human"}]}""", "has no value in conversations[0]");
    }

    private static IEnumerable<(string Name, Func<byte[]> Json, string Fragment)> OfTokens()
    {
        yield return Tokens("a text", "\"1 2 3\"", "has as input_ids a text where an array of whole numbers was expected");
        yield return Tokens("null", "null", "has as input_ids null where an array");
        yield return Tokens("none", "[]", "has no token where at least two were expected");
        yield return Tokens("one", "[2]", "has only one token where at least two were expected");
        yield return Tokens("a fraction", "[2,1.5]", "has as input_ids[1] 1.5 where a whole number was expected");
        yield return Tokens("a text inside", "[2,\"3\"]", "has as input_ids[1] a text where a whole number was expected");
        yield return Tokens("negative", "[2,-1]", "has the token -1 where 0 to 4095 were expected");
        yield return Tokens("outside of the vocabulary", "[2,4096]", "has the token 4096 where 0 to 4095 were expected");
        yield return Tokens("above 2^31", "[2,4294967298]", "has as input_ids[1] 4294967298 where a whole number was expected");
        yield return Tokens("more labels", "[2,3],\"labels\":[2,3,4]", "has 3 numbers in labels where input_ids has 2");
        yield return Tokens("labels are a text", "[2,3],\"labels\":\"x\"", "has as labels a text where an array");
        yield return Tokens("label outside of the vocabulary", "[2,3],\"labels\":[2,4096]", "has the label 4096 where 0 to 4095 or -100 were expected");
        yield return Tokens("label of -1", "[2,3],\"labels\":[-1,3]", "has the label -1 where 0 to 4095 or -100");
        yield return Tokens("nothing to learn", "[2,3],\"labels\":[-100,-100]", "has no token that is to be learned");
        yield return Tokens("nothing but the first to learn", "[2,3],\"labels\":[2,-100]", "has no token that is to be learned");
        yield return Tokens("shorter mask", "[2,3],\"attention_mask\":[1]", "has 1 numbers in attention_mask where input_ids has 2");
        yield return Tokens("mask of twos", "[2,3],\"attention_mask\":[1,2]", "has the number 2 in attention_mask where 0 or 1 was expected");
        yield return Tokens("masked whole", "[2,3],\"attention_mask\":[0,0]", "has no token where at least two");
        yield return Tokens(
            "labels behind the context",
            "[" + string.Join(',', Enumerable.Repeat(5, 1100)) + "],\"labels\":[" + string.Join(',', Enumerable.Range(0, 1100).Select(i => i < 1050 ? -100 : 5)) + "]",
            "has its first token that is to be learned behind the 1024 of the longest sequence");
    }

    private static string WriteLong(string path, string before, string after)
    {
        using FileStream file = File.Create(path);
        byte[] part = new byte[1_000_000];
        part.AsSpan().Fill((byte)'a');
        file.Write(Encoding.UTF8.GetBytes(before));
        for (int i = 0; i < Long / part.Length; i++)
        {
            file.Write(part);
        }

        file.Write(Encoding.UTF8.GetBytes(after));
        return path;
    }
}
