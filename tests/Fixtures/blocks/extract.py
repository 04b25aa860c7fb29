#!/usr/bin/python3
"""Write blocks.json: quantized blocks as llama.cpp writes them, and the numbers that it reads in them. See README.md.

  extract.py "COMMAND" F32.gguf > blocks.json      COMMAND IN OUT TYPE [--pure|--requantize] runs llama_model_quantize
"""
import base64, json, os, struct, subprocess, sys, tempfile

BLOCKS = {"Q4_0": (2, 32, 18), "Q4_1": (3, 32, 20), "Q5_0": (6, 32, 22), "Q5_1": (7, 32, 24), "Q8_0": (8, 32, 34),
          "Q2_K": (10, 256, 84), "Q3_K": (11, 256, 110), "Q4_K": (12, 256, 144), "Q5_K": (13, 256, 176), "Q6_K": (14, 256, 210)}
FILES = {"Q3_K": "Q3_K_S", "Q4_K": "Q4_K_S", "Q5_K": "Q5_K_S"}  # with --pure, all tensors are of the base type
TENSORS, ELEMENTS = ["blk.0.ffn_down.weight", "blk.7.attn_q.weight"], 512


def tensors(path):
    """name -> (type, data from there on) of a GGUF file"""
    data = open(path, "rb").read()
    at = 8
    def read(form):
        nonlocal at
        value = struct.unpack_from("<" + form, data, at)[0]
        at += struct.calcsize("<" + form)
        return value
    def text():
        nonlocal at
        size = read("Q")
        at += size
        return data[at - size:at].decode()
    def value(kind):
        if kind == 8:
            return text()
        if kind == 9:
            inner, count = read("I"), read("Q")
            return [value(inner) for _ in range(count)]
        return read("BbHhIif?__QqdQ"[kind] if kind < 10 else {10: "Q", 11: "q", 12: "d"}[kind])
    count, pairs = read("Q"), read("Q")
    meta = {}
    for _ in range(pairs):
        key = text()
        meta[key] = value(read("I"))
    found = {}
    for _ in range(count):
        name, dimensions = text(), read("I")
        at += 8 * dimensions
        found[name] = (read("I"), read("Q"))
    align = meta.get("general.alignment", 32)
    start = (at + align - 1) // align * align
    return {name: (kind, data[start + offset:]) for name, (kind, offset) in found.items()}


quantize, source = sys.argv[1:]
result = {}
with tempfile.TemporaryDirectory() as folder:
    for name, (kind, length, size) in BLOCKS.items():
        packed, plain = os.path.join(folder, "packed.gguf"), os.path.join(folder, "plain.gguf")
        for command in [[source, packed, FILES.get(name, name), "--pure"], [packed, plain, "F32", "--requantize"]]:
            subprocess.run([*quantize.split(), *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        blocks, values = tensors(packed), tensors(plain)
        for tensor in TENSORS:
            assert blocks[tensor][0] == kind and values[tensor][0] == 0, (name, tensor, blocks[tensor][0])
        result[name] = {
            "blocks": [base64.b64encode(blocks[t][1][:ELEMENTS // length * size]).decode() for t in TENSORS],
            "values": [base64.b64encode(values[t][1][:ELEMENTS * 4]).decode() for t in TENSORS],
        }
json.dump(result, sys.stdout, indent=1)
print()
