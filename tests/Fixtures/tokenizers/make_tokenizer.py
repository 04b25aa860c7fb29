#!/usr/bin/python3
"""Train Pebble's tokenizer: make_tokenizer.py REPOSITORY OUT_DIR

SentencePiece (Debian: python3-sentencepiece 0.1.97) trains a BPE model with byte fallback on the documentation and the source of this
repository and on sentences.txt, with the settings and the special pieces of Gemma 3. Writes tokenizer.model, and the same vocabulary as
tokenizer.json and tokenizer_config.json in the shape in which Gemma 3 has them.
"""
import glob, json, os, sys
import sentencepiece as spm
from sentencepiece import sentencepiece_model_pb2 as proto

repository, out = sys.argv[1:3]
here = os.path.dirname(os.path.abspath(__file__))
SIZE, RUN = 2048, 31


def lines(pattern):
    return [line.rstrip("\n") for path in sorted(glob.glob(pattern, recursive=True)) for line in open(path, encoding="utf-8")]


# Prose counts more than code: it is what people type.
text = (4 * (lines(repository + "/*.md") + lines(repository + "/docs/*.md")) + lines(repository + "/src/**/*.cs")[::5]
        + 30 * lines(here + "/sentences.txt"))
symbols = (["<mask>", "[multimodal]"] + [f"<unused{i}>" for i in range(99)] + ["<start_of_turn>", "<end_of_turn>"]
           + ["\n" * n for n in range(1, RUN + 1)] + ["\u2581" * n for n in range(2, RUN + 1)])
model = os.path.join(out, "tokenizer.model")
spm.SentencePieceTrainer.train(
    sentence_iterator=iter([line for line in text if line]), model_prefix=model.removesuffix(".model"), model_type="bpe", vocab_size=SIZE,
    pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>", unk_piece="<unk>",
    user_defined_symbols=symbols, byte_fallback=True, split_digits=True, character_coverage=1.0, num_threads=1,
    normalization_rule_name="identity", add_dummy_prefix=False, remove_extra_whitespaces=False, allow_whitespace_only_pieces=True)
os.remove(model.removesuffix(".model") + ".vocab")

loaded = proto.ModelProto()
loaded.ParseFromString(open(model, "rb").read())
# The trainer notes where it ran and what it read; neither belongs into a file that is passed on.
del loaded.trainer_spec.input[:]
loaded.trainer_spec.model_prefix = "pebble"
open(model, "wb").write(loaded.SerializeToString(deterministic=True))
pieces = [(p.piece, p.score) for p in loaded.pieces]
ids = {piece: i for i, (piece, _) in enumerate(pieces)}
assert ids["<start_of_turn>"] == 105 and ids["<end_of_turn>"] == 106 and ids["\n"] == 107, "the ids of Gemma 3"
# Every way to make a piece of two others, the best piece first and of one piece the longest left part first, as in Gemma 3's file.
merges = [(score, piece[:at], piece[at:]) for piece, score in pieces for at in range(1, len(piece))
          if piece[:at] in ids and piece[at:] in ids]
merges.sort(key=lambda merge: (merge[0], len(merge[1])), reverse=True)
special = {"<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"}
control = ["<pad>", "<eos>", "<bos>", "<unk>"]
tokenizer = {
    "version": "1.0", "truncation": None, "padding": None,
    "added_tokens": [
        {"id": ids[p], "content": p, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": p in special}
        for p in control + symbols],
    "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
    "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<bos>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"SpecialToken": {"id": "<bos>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                 {"SpecialToken": {"id": "<bos>", "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<bos>": {"id": "<bos>", "ids": [2], "tokens": ["<bos>"]}}},
    "decoder": {"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]},
    "model": {
        "type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None,
        "fuse_unk": True, "byte_fallback": True, "ignore_merges": False, "vocab": ids, "merges": [[a, b] for _, a, b in merges]}}
TEMPLATE = """{{ bos_token }}
{%- set system = "" -%}
{%- if messages[0]["role"] == "system" -%}
    {%- set system = messages[0]["content"] | trim + "\\n\\n" -%}
    {%- set messages = messages[1:] -%}
{%- endif -%}
{%- for message in messages -%}
    {%- if (message["role"] == "user") != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("The roles must alternate: user, assistant, user, ...") }}
    {%- endif -%}
    {%- set role = "model" if message["role"] == "assistant" else message["role"] -%}
    {{ "<start_of_turn>" + role + "\\n" + (system if loop.first else "") }}
    {%- if message["content"] is string -%}
        {{ message["content"] | trim }}
    {%- else -%}
        {%- for part in message["content"] -%}
            {%- if part["type"] == "text" -%}{{ part["text"] | trim }}{%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ "<end_of_turn>\\n" }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{ "<start_of_turn>model\\n" }}
{%- endif -%}
"""
config = {
    "tokenizer_class": "GemmaTokenizer", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>",
    "add_bos_token": True, "add_eos_token": False, "clean_up_tokenization_spaces": False, "model_max_length": 32768, "padding_side": "left",
    "added_tokens_decoder": {
        str(t["id"]): {k: v for k, v in t.items() if k != "id"} for t in tokenizer["added_tokens"]},
    "chat_template": TEMPLATE}
for name, content in (("tokenizer.json", tokenizer), ("tokenizer_config.json", config)):
    with open(os.path.join(out, name), "w", encoding="utf-8") as f:
        json.dump(content, f, ensure_ascii=False, indent=1)
        f.write("\n")
print(len(pieces), "pieces,", len(merges), "merges,", os.path.getsize(os.path.join(out, "tokenizer.json")), "bytes")
