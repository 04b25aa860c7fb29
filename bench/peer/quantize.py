#!/usr/bin/env python3
"""Quantizing by Lapidary beside llama.cpp: both make each type of the same GGUF file in turn; prints a Markdown table of medians and ratios.

  quantize.py [options] FILE.gguf      (see README.md)

Needs nothing but Python 3.9. Progress goes to stderr, the table to stdout.
"""
import argparse, datetime, json, os, platform, shlex, statistics, subprocess, sys, tempfile, time

TYPES = "F16,Q8_0,Q6_K,Q5_1,Q5_K_M,Q5_K_S,Q5_0,Q4_1,Q4_K_M,Q4_K_S,Q4_0,Q3_K_L,Q3_K_M,Q3_K_S,Q2_K".split(",")


def run(command):
    """What a program printed as JSON, the seconds from its start to its end, and its peak memory in MiB."""
    start = time.monotonic()
    # wait4 gives the memory of this child alone.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{shlex.join(command)}: exit code {process.returncode}\n{errors[-2000:]}")
    return json.loads(output), seconds, usage.ru_maxrss / (1 << 10)


def ours(arguments, kind, target):
    return run([*shlex.split(arguments.lapidary), "quantize", arguments.file, "-o", target, "--type", kind, "--threads", str(arguments.threads), "--json"])


def theirs(arguments, kind, target):
    return run([arguments.peer, "quantize", arguments.file, target, kind, "--threads", str(arguments.threads)])


def processor():
    try:
        with open("/proc/cpuinfo") as f:
            return next(line.split(":", 1)[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def measure(arguments, kind, folder, keep):
    seconds, memory, loads = ([], []), ([], []), []
    for pair in range(arguments.pairs):
        loads.append(os.getloadavg()[0])
        # Each is first in every other pair: whoever comes second finds the processor warm and its clock lower.
        sides = [(0, ours), (1, theirs)]
        for side, program in sides if pair % 2 == 0 else reversed(sides):
            target = os.path.join(folder, f"{side}.gguf")
            answer, took, peak = program(arguments, kind, target)
            keep({"type": kind, "pair": pair, "side": ["lapidary", "llama.cpp"][side], "seconds": took, "peak_mib": peak, "answer": answer})
            seconds[side].append(took)
            memory[side].append(peak)
            # Neither writes over an old file, and what one has left to write back does not slow the other down.
            os.remove(target)
            os.sync()
        print(f"{kind} pair {pair + 1} of {arguments.pairs}: {seconds[0][-1]:.2f} s / {seconds[1][-1]:.2f} s", file=sys.stderr)
    return seconds, memory, loads


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("file", metavar="FILE.gguf", help="the model in F32, F16 or BF16")
    p.add_argument("--lapidary", default=os.environ.get("LAPIDARY", "lapidary"),
                   help="the command, arguments included (default: $LAPIDARY, else lapidary on the path)")
    p.add_argument("--peer", default=os.environ.get("LLAMA_PEER"), help="the driver over llama.cpp (default: $LLAMA_PEER)")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--pairs", type=int, default=5)
    p.add_argument("--types", type=lambda s: s.split(","), default=TYPES, help=f"default: {','.join(TYPES)}")
    p.add_argument("--folder", help="where the files are written and removed (default: a temporary folder)")
    p.add_argument("--raw", metavar="FILE.jsonl", help="keep what both printed, one run a line")
    arguments = p.parse_args()
    if not arguments.peer:
        p.error("--peer or LLAMA_PEER must name the driver over llama.cpp")
    if arguments.pairs < 1:
        p.error("--pairs must be at least 1")
    if not os.path.isfile(arguments.file):
        p.error(f"{arguments.file}: no such file")
    raw = open(arguments.raw, "w") if arguments.raw else None

    def keep(entry):
        if raw:
            raw.write(json.dumps(entry) + "\n")
            raw.flush()

    rows, loads = [], []
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for kind in arguments.types:
            seconds, memory, seen = measure(arguments, kind, folder, keep)
            loads += seen
            # Both runs of a pair saw the same machine, so the ratio is taken inside the pairs.
            ratio = statistics.median(a / b for a, b in zip(*seconds))
            rows.append([kind, *(f"{statistics.median(s):.2f}" for s in seconds), f"**{ratio:.2f}**",
                         *(f"{statistics.median(m):.0f}" for m in memory)])

    print(f"{os.path.basename(arguments.file)}, {processor()}, {arguments.threads} threads, medians of {arguments.pairs} alternating pairs, "
          f"{datetime.date.today()}; load average before a pair {min(loads):.1f} to {max(loads):.1f}. Seconds, Lapidary / llama.cpp / ratio "
          "(below 1: Lapidary is faster):\n")
    print("| type | s | llama.cpp | ratio | peak RSS MiB | llama.cpp |")
    print("| --- |" + " --: |" * 5)
    for cells in rows:
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
