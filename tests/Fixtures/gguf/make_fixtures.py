#!/usr/bin/env python3
"""Writes the GGUF fixtures of this folder: tiny Gemma 3 models quantized by llama.cpp, with llama.cpp's logits and those of a
float64 forward pass over the dequantized weights.  README.md says what each file holds.

  LLAMA_PEER=.../peer python3 make_fixtures.py [OUT_DIR]

Needs numpy and `peer`, the small driver over llama.cpp's C API (commands used: logits, generate, quantize, info).  Every random number
is a function of (seed, tensor name), so two runs with the same llama.cpp write the same bytes.
"""
import hashlib, json, os, struct, subprocess, sys, tempfile, zlib
import numpy as np

PEER = os.environ.get("LLAMA_PEER", "peer")
SEED = 20261121
PROMPT_LENGTH, GREEDY_PROMPT, GREEDY_LENGTH = 48, 8, 24
U32, I32, F32, BOOL, STR, ARR = 4, 5, 6, 7, 8, 9
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6

# `narrow` has no row that is a multiple of 256 and two KV heads; `wide` has rows of 256 for the K types, except attn_output, whose rows of 32
# make llama.cpp fall back to a type of 32-blocks, as it does for most of Gemma 3 270M.
MODELS = {
    "narrow": dict(hidden=64, layers=2, heads=4, kv=2, head_dim=16, mlp=96, window=16, pattern=2, pattern_as_array=False),
    "wide": dict(hidden=256, layers=2, heads=2, kv=1, head_dim=16, mlp=256, window=16, pattern=2, pattern_as_array=True),
}
# name of the file, what llama.cpp calls it, and whether every matrix gets the type (`--pure`) or the mix decides
FILES = {
    "narrow": [("F32", None, False), ("F16", "F16", False), ("BF16", "BF16", False)]
    + [(t, t, True) for t in ("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1")],
    "wide": [("Q2_K", "Q2_K", True), ("Q3_K", "Q3_K_S", True), ("Q4_K", "Q4_K_S", True), ("Q5_K", "Q5_K_S", True), ("Q6_K", "Q6_K", True),
             ("Q4_K_M", "Q4_K_M", False)],
}
MATRICES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}
GGML_TYPES = {0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 10: "Q2_K", 11: "Q3_K", 12: "Q4_K", 13: "Q5_K",
              14: "Q6_K", 30: "BF16"}


def peer(*args):
    run = subprocess.run([PEER, *map(str, args)], capture_output=True)
    if run.returncode:
        raise SystemExit(f"peer {' '.join(map(str, args))}: {run.stderr.decode()[-2000:]}")
    return run.stdout.decode()


# --- the model -----------------------------------------------------------------------------------------------------------------

def vocabulary():
    """272 entries in Gemma's order: control tokens, bytes, then normal pieces with SentencePiece scores."""
    control = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
    pieces = ["th", "he", "\u2581t", "the", "\u2581the", "\u2581", "t", "h", "e", "a"]
    tokens = control + [f"<0x{i:02X}>" for i in range(256)] + pieces
    types = [CONTROL] * 6 + [BYTE] * 256 + [NORMAL] * len(pieces)
    types[3] = UNKNOWN
    scores = [0.0] * (6 + 256) + [-float(i) for i in range(len(pieces))]
    return tokens, scores, types


VOCABULARY = len(vocabulary()[0])


def tensors(p):
    """name in GGUF -> float32 array. Spreads keep the residual stream, the gate and the logits at about 1, so that each part of the network
    shows in the logits and differences read as fractions of their deviation. The embedding is small and the last norm large: otherwise
    the tied head would only find the input token again."""
    h, d = p["hidden"], p["head_dim"]
    shapes = {"token_embd.weight": (VOCABULARY, h)}
    for i in range(p["layers"]):
        b = f"blk.{i}."
        shapes |= {
            b + "attn_norm.weight": (h,), b + "attn_q.weight": (p["heads"] * d, h), b + "attn_k.weight": (p["kv"] * d, h),
            b + "attn_v.weight": (p["kv"] * d, h), b + "attn_output.weight": (h, p["heads"] * d), b + "attn_q_norm.weight": (d,),
            b + "attn_k_norm.weight": (d,), b + "post_attention_norm.weight": (h,), b + "ffn_norm.weight": (h,),
            b + "ffn_gate.weight": (p["mlp"], h), b + "ffn_up.weight": (p["mlp"], h), b + "ffn_down.weight": (h, p["mlp"]),
            b + "post_ffw_norm.weight": (h,),
        }
    shapes["output_norm.weight"] = (h,)
    result = {}
    for name, shape in shapes.items():
        rng = np.random.Generator(np.random.PCG64([SEED, h, zlib.crc32(name.encode())]))
        x = rng.standard_normal(shape, dtype=np.float32)
        # GGUF stores 1 + w for the norms.
        result[name] = 1 + np.float32(0.2) * x if len(shape) == 1 else x * np.float32(shape[1] ** -0.5)
    result["token_embd.weight"] *= np.float32(0.25)
    result["output_norm.weight"] *= np.float32(4)
    return result


def gguf_string(s):
    b = s.encode()
    return struct.pack("<Q", len(b)) + b


def write_gguf(path, name, p):
    tokens, scores, types = vocabulary()
    entries = []

    def put(key, kind, payload):
        entries.append(gguf_string(key) + struct.pack("<I", kind) + payload)

    def u32(key, v): put(key, U32, struct.pack("<I", v))
    def f32(key, v): put(key, F32, struct.pack("<f", v))
    def text(key, v): put(key, STR, gguf_string(v))
    def flag(key, v): put(key, BOOL, struct.pack("<?", v))
    def array(key, kind, items): put(key, ARR, struct.pack("<IQ", kind, len(items)) + b"".join(items))

    text("general.architecture", "gemma3")
    text("general.type", "model")
    text("general.name", f"tiny {name}")
    u32("general.quantization_version", 2)
    u32("general.file_type", 0)
    g = "gemma3."
    u32(g + "context_length", 2048)
    u32(g + "embedding_length", p["hidden"])
    u32(g + "block_count", p["layers"])
    u32(g + "feed_forward_length", p["mlp"])
    u32(g + "attention.head_count", p["heads"])
    u32(g + "attention.head_count_kv", p["kv"])
    u32(g + "attention.key_length", p["head_dim"])
    u32(g + "attention.value_length", p["head_dim"])
    f32(g + "attention.layer_norm_rms_epsilon", 1e-6)
    u32(g + "attention.sliding_window", p["window"])
    local = [(i + 1) % p["pattern"] != 0 for i in range(p["layers"])]
    if p["pattern_as_array"]:
        array(g + "attention.sliding_window_pattern", BOOL, [struct.pack("<?", l) for l in local])
    else:
        u32(g + "attention.sliding_window_pattern", p["pattern"])
    f32(g + "rope.freq_base", 1e6)
    f32(g + "rope.freq_base_swa", 1e4)
    text("tokenizer.ggml.model", "llama")
    text("tokenizer.ggml.pre", "default")
    array("tokenizer.ggml.tokens", STR, [gguf_string(t) for t in tokens])
    array("tokenizer.ggml.scores", F32, [struct.pack("<f", s) for s in scores])
    array("tokenizer.ggml.token_type", I32, [struct.pack("<i", t) for t in types])
    for key, token in (("padding", "<pad>"), ("eos", "<eos>"), ("bos", "<bos>"), ("unknown", "<unk>")):
        u32(f"tokenizer.ggml.{key}_token_id", tokens.index(token))
    flag("tokenizer.ggml.add_bos_token", True)
    flag("tokenizer.ggml.add_eos_token", False)
    flag("tokenizer.ggml.add_space_prefix", False)

    data = tensors(p)
    infos, blobs, offset = b"", [], 0
    for tensor, x in data.items():
        infos += gguf_string(tensor) + struct.pack("<I", x.ndim) + b"".join(struct.pack("<Q", n) for n in reversed(x.shape))
        infos += struct.pack("<IQ", 0, offset)
        blob = x.astype("<f4").tobytes()
        blob += b"\0" * (-len(blob) % 32)
        blobs.append(blob)
        offset += len(blob)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(data), len(entries)) + b"".join(entries) + infos
    with open(path, "wb") as f:
        f.write(head + b"\0" * (-len(head) % 32) + b"".join(blobs))


def read_gguf(path):
    """tensor name -> (type, float32 array or None when the type is not F32)"""
    raw = open(path, "rb").read()
    at = 4

    def take(fmt):
        nonlocal at
        v = struct.unpack_from("<" + fmt, raw, at)
        at += struct.calcsize("<" + fmt)
        return v if len(v) > 1 else v[0]

    def string():
        nonlocal at
        n = take("Q")
        at += n
        return raw[at - n:at].decode()

    sizes = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}

    def skip(kind):
        nonlocal at
        if kind == STR:
            string()
        elif kind == ARR:
            element, n = take("IQ")
            for _ in range(n):
                skip(element)
        else:
            at += sizes[kind]

    _, n_tensors, n_entries = take("IQQ")
    for _ in range(n_entries):
        string()
        skip(take("I"))
    infos = []
    for _ in range(n_tensors):
        tensor = string()
        shape = [take("Q") for _ in range(take("I"))]
        infos.append((tensor, shape[::-1], *take("IQ")))
    start = at + -at % 32
    return {t: (GGML_TYPES[kind], np.frombuffer(raw, "<f4", int(np.prod(shape)), start + off).reshape(shape) if kind == 0 else None)
            for t, shape, kind, off in infos}


# --- the forward pass ----------------------------------------------------------------------------------------------------------

def norm(x, w):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6) * w


def rotate(x, base):
    t, _, d = x.shape
    angle = np.arange(t)[:, None] * base ** (-np.arange(0, d, 2) / d)
    c, s = np.cos(angle)[:, None].astype(x.dtype), np.sin(angle)[:, None].astype(x.dtype)
    a, b = x[..., :d // 2], x[..., d // 2:]
    return np.concatenate([a * c - b * s, b * c + a * s], -1)


def gelu(x):
    return 0.5 * x * (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x ** 3)))


def forward(p, w, tokens):
    """logits [tokens, vocabulary], in the arithmetic of the weights: float64 gives the expected values, float32 their noise"""
    t, d, heads, kv = len(tokens), p["head_dim"], p["heads"], p["kv"]
    x = w["token_embd.weight"][tokens] * p["hidden"] ** 0.5
    i, j = np.arange(t)[:, None], np.arange(t)[None]
    for layer in range(p["layers"]):
        m = lambda n: w[f"blk.{layer}.{n}.weight"]
        local = (layer + 1) % p["pattern"] != 0
        h, base = norm(x, m("attn_norm")), 1e4 if local else 1e6
        q = rotate(norm((h @ m("attn_q").T).reshape(t, heads, d), m("attn_q_norm")), base)
        k = rotate(norm((h @ m("attn_k").T).reshape(t, kv, d), m("attn_k_norm")), base)
        v = (h @ m("attn_v").T).reshape(t, kv, d)
        seen = (j <= i) & ((i - j < p["window"]) | (not local))
        out = np.empty((t, heads, d), x.dtype)
        for head in range(heads):
            s = np.where(seen, q[:, head] @ k[:, head // (heads // kv)].T * d ** -0.5, -np.inf)
            s = np.exp(s - s.max(-1, keepdims=True))
            out[:, head] = s / s.sum(-1, keepdims=True) @ v[:, head // (heads // kv)]
        x = x + norm(out.reshape(t, heads * d) @ m("attn_output").T, m("post_attention_norm"))
        h = norm(x, m("ffn_norm"))
        x = x + norm((gelu(h @ m("ffn_gate").T) * (h @ m("ffn_up").T)) @ m("ffn_down").T, m("post_ffw_norm"))
    return norm(x, w["output_norm.weight"]) @ w["token_embd.weight"].T


# --- writing -------------------------------------------------------------------------------------------------------------------

def divergence(p, q):
    """mean over positions of KL(softmax p || softmax q)"""
    p, q = p.astype(np.float64), q.astype(np.float64)
    lp = p - np.logaddexp.reduce(p, -1, keepdims=True)
    lq = q - np.logaddexp.reduce(q, -1, keepdims=True)
    return float((np.exp(lp) * (lp - lq)).sum(-1).mean())


def write_safetensors(path, arrays):
    head, blobs, at = {}, [], 0
    for name, x in arrays.items():
        blob = np.ascontiguousarray(x, "<f4").tobytes()
        head[name] = {"dtype": "F32", "shape": list(x.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def hugging_face_name(name):
    if name == "token_embd.weight":
        return "model.embed_tokens.weight"
    _, layer, rest = name.split(".", 2)
    matrix = {v: k for k, v in MATRICES.items()}[rest.removesuffix(".weight")]
    return f"model.layers.{layer}.{matrix}.weight"


def greedy(p, w, prompt):
    tokens, margins = list(prompt), []
    for _ in range(GREEDY_LENGTH):
        last = forward(p, w, tokens)[-1]
        second, first = np.sort(last)[-2:]
        tokens.append(int(last.argmax()))
        margins.append(float(first - second))
    return tokens[len(prompt):], min(margins)


def make(out, model, p, scratch):
    prompt = [2] + [int(x) for x in np.random.default_rng(SEED).integers(6, VOCABULARY, PROMPT_LENGTH - 1)]
    np.asarray(prompt, "<i4").tofile(f"{scratch}/prompt.i32")
    np.asarray(prompt[:GREEDY_PROMPT], "<i4").tofile(f"{scratch}/start.i32")
    source = f"{scratch}/{model}.gguf"
    write_gguf(source, model, p)
    files = {}
    for label, kind, pure in FILES[model]:
        path, wide = f"{out}/{model}-{label}.gguf", f"{scratch}/wide.gguf"
        if kind is None:
            write_gguf(path, model, p)
            wide = path
        else:
            peer("quantize", source, path, kind, "--threads", 1, *(["--pure"] if pure else []))
            peer("quantize", path, wide, "F32", "--threads", 1, "--requantize")
        values = {n: x for n, (_, x) in read_gguf(wide).items()}
        w = {n: x.astype(np.float64) for n, x in values.items()}
        exact = forward(p, w, prompt)
        peer("logits", path, f"{scratch}/prompt.i32", f"{scratch}/out.f32", "--kv", "f32", "--fa", "0", "--threads", 1)
        llama = np.fromfile(f"{scratch}/out.f32", "<f4").reshape(exact.shape)
        write_safetensors(f"{out}/{model}-{label}.safetensors", {"logits": exact, "llama_logits": llama})
        single = forward(p, values, prompt)
        difference = np.abs(llama - exact)
        generated, margin = greedy(p, w, prompt[:GREEDY_PROMPT])
        by_llama = [int(x) for x in peer("generate", path, f"{scratch}/start.i32", GREEDY_LENGTH, "--kv", "f32", "--fa", "0", "--threads", 1,
                                         "--ignore-eos").split()]
        files[f"{model}-{label}"] = {
            "model": model,
            "logit_std": float(exact.std()),
            "float32_max_abs": float(np.abs(single - exact).max()),
            "llama_max_abs": float(difference.max()),
            "llama_rms": float(np.sqrt((difference ** 2).mean())),
            "llama_mean_kl": divergence(exact, llama),
            "llama_same_top": float((exact.argmax(-1) == llama.argmax(-1)).mean()),
            "greedy": generated,
            "greedy_min_margin": margin,
            "greedy_llama": by_llama,
            "types": {n: t for n, (t, _) in read_gguf(path).items()},
            "decoded_sha256": {hugging_face_name(n): hashlib.sha256(x.tobytes()).hexdigest() for n, x in values.items() if x.ndim == 2},
        }
        r = files[f"{model}-{label}"]
        print(f"| {model}-{label} | {os.path.getsize(path) / 1000:.0f} | {r['logit_std']:.2f} | {r['float32_max_abs']:.1e} | {r['llama_max_abs']:.1e} | {r['llama_rms']:.1e} | "
              f"{r['llama_mean_kl']:.1e} | {r['llama_same_top']:.3f} | {margin:.3f} | {'yes' if generated == by_llama else 'no'} |")
    return prompt, files


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    result = {"prompt": None, "greedy_prompt_length": GREEDY_PROMPT, "files": {}}
    with tempfile.TemporaryDirectory() as scratch:
        for model, p in MODELS.items():
            result["prompt"], files = make(out, model, p, scratch)
            result["files"] |= files
    with open(f"{out}/expected.json", "w") as f:
        json.dump(result, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
