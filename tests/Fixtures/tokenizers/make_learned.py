#!/usr/bin/python3
"""What SentencePiece learns from a text: make_learned.py TEXT SIZE COVERAGE OUT

Trains a BPE vocabulary with the settings of make_tokenizer.py (Debian: python3-sentencepiece 0.1.97). Writes a JSON object: "pieces", those that follow
the bytes, in the order of their ids, and "tokens", how many the text has under the vocabulary, its newlines included.
"""
import json, os, re, sys, tempfile
import sentencepiece as spm

path, size, coverage, out = sys.argv[1:5]
RUN = 31
text = open(path, encoding="utf-8").read()
symbols = (["<mask>", "[multimodal]"] + [f"<unused{i}>" for i in range(99)] + ["<start_of_turn>", "<end_of_turn>"]
           + ["\n" * n for n in range(1, RUN + 1)] + ["\u2581" * n for n in range(2, RUN + 1)])
with tempfile.TemporaryDirectory() as folder:
    model = os.path.join(folder, "learned")
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter([line for line in text.split("\n") if line]), model_prefix=model, model_type="bpe", vocab_size=int(size),
        pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>", unk_piece="<unk>",
        user_defined_symbols=symbols, byte_fallback=True, split_digits=True, character_coverage=float(coverage), num_threads=1,
        max_sentence_length=1 << 20, normalization_rule_name="identity", add_dummy_prefix=False, remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True, minloglevel=2)
    trained = spm.SentencePieceProcessor(model_file=model + ".model")
pieces = [trained.id_to_piece(i) for i in range(4 + len(symbols) + 256, trained.get_piece_size())]
tokens = sum(len(trained.encode(line)) for line in text.split("\n")) + sum(-(-len(run) // RUN) for run in re.findall("\n+", text))
with open(out, "w", encoding="utf-8") as f:
    json.dump({"pieces": pieces, "tokens": tokens}, f, ensure_ascii=False)
    f.write("\n")
