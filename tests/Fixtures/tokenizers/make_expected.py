#!/usr/bin/python3
"""Write what the references make of some strings: make_expected.py REPOSITORY PEER_DIR TOOLS_DIR

references.json: a list of {"text", "json", "model", "gguf"}: the ids by @huggingface/tokenizers over pebble/tokenizer.json,
by SentencePiece over pebble.model, and by llama.cpp over a GGUF file of the same vocabulary (written by to_gguf.py's functions), the last
two null where a text is no valid Unicode. PEER_DIR and TOOLS_DIR are those of tests/Peers/README.md. Also writes pebble.gguf.
"""
import json, os, random, struct, subprocess, sys
import sentencepiece as spm

repository, peer, tools = sys.argv[1:4]
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, tools)
import to_gguf as g

pebble = os.path.join(repository, "tests/Fixtures/tokenizers/pebble")
random.seed(11)
texts = ["Hello, world!", " leading", "trailing ", "a  b   c    d", "The pebble is round because it met many other pebbles.",
         "\n", "\n\n", "\r\n", "\t\tif (x) {\n\t\t\treturn 0x1F;\n\t\t}\n", "1234567890", "don't I'll we're", "ALL CAPS and CamelCase",
         "\u00e9\u00df\u00fc\u00f1", "e\u0301", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "\u0645\u0631\u062d\u0628\u0627", "\u65e5\u672c\u8a9e",
         "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0010ffff\ufffd\ufeff", "\u0000\u0007\u001b\u007f", "\u2581", "a\u2581b", "\u2581\u2581\u2581",
         "\ud800", "x\udc00y", "\ud83d\ud83d\ude00", "<start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n", "<bos>Hello<eos>",
         "<unused7><unused70> <mask>[multimodal]", "<start_of_turn", "<0x41><0xFF>", "<unk><pad>", "the " * 40]
for c in " \n\t\u2581a-\u00e9":
    texts += [c * n for n in (1, 2, 3, 7, 30, 31, 32, 33, 62, 63, 64, 95, 200)]
parts = texts[:24] + texts[26:33] + [" ", " ", " ", "\n", "  "] + open(here + "/sentences.txt", encoding="utf-8").read().split()[:200]
texts += ["".join(random.choice(parts) + random.choice(["", " "]) for _ in range(random.randint(2, 12))) for _ in range(150)]
texts = [t for t in texts if t]


def valid(text):
    try:
        text.encode("utf-8")
        # The driver's records end with byte 0x1E, and its input with a zero as C has it.
        return "\x1e" not in text and "\0" not in text
    except UnicodeEncodeError:
        return False


lines = "".join(json.dumps(t) + "\n" for t in texts)
js = subprocess.run(["node", os.path.join(tools, "encode.mjs"), peer], input=lines, capture_output=True, text=True, check=True,
                    env={**os.environ, "TOKENIZER_DIR": pebble, "NO_SPECIAL": "1"}).stdout.splitlines()
model = spm.SentencePieceProcessor(model_file=os.path.join(here, "pebble.model"))

_, _, tokens, scores, types = g.vocab_arrays(pebble, 2048)
m = g.Meta()
m.str("general.architecture", "gemma3")
for key, value in (("context_length", 1024), ("embedding_length", 32), ("block_count", 1), ("feed_forward_length", 32),
                   ("attention.head_count", 1), ("attention.head_count_kv", 1)):
    m.u32("gemma3." + key, value)
m.str("tokenizer.ggml.model", "llama")
m.arr_str("tokenizer.ggml.tokens", tokens)
m.arr_np("tokenizer.ggml.scores", g.F32, scores)
m.arr_np("tokenizer.ggml.token_type", g.I32, types)
for key, value in (("bos", 2), ("eos", 1), ("unknown", 3), ("padding", 0)):
    m.u32(f"tokenizer.ggml.{key}_token_id", value)
m.bool("tokenizer.ggml.add_bos_token", True)
m.bool("tokenizer.ggml.add_space_prefix", False)
gguf = os.path.join(here, "pebble.gguf")
with open(gguf, "wb") as f:
    f.write(b"GGUF" + struct.pack("<IQQ", 3, 0, m.n) + m.buf)
records = b"".join(t.encode("utf-8") + b"\x1e" for t in texts if valid(t))
llama = iter(subprocess.run([os.path.join(peer, "peer"), "tokenize", gguf, "--parse", "--records"], input=records, capture_output=True,
                            check=True).stdout.decode().splitlines())
rows = [{"text": t, "json": json.loads(j), "model": model.encode(t) if valid(t) else None,
         "gguf": [int(i) for i in next(llama).split()] if valid(t) else None} for t, j in zip(texts, js, strict=True)]
with open(os.path.join(here, "references.json"), "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n")
print(len(rows), "texts")
