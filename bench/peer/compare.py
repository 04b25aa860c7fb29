#!/usr/bin/env python3
"""Lapidary beside llama.cpp on the same GGUF files: runs the two in turn and prints a Markdown table of medians and ratios.

  compare.py [options] FILE.gguf...      (see README.md)

Needs nothing but Python 3.9. Progress goes to stderr, the table to stdout.
"""
import argparse, datetime, json, os, platform, shlex, statistics, subprocess, sys

TESTS = ["pp512", "tg64", "tg64@512"]


def run(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode:
        raise SystemExit(f"{shlex.join(command)}: exit code {result.returncode}\n{result.stderr[-2000:]}")
    return json.loads(result.stdout)


def parse_test(test):
    """pp512, tg64 or tg64@512 -> kind, tokens, depth"""
    head, _, depth = test.partition("@")
    if head[:2] not in ("pp", "tg") or not head[2:].isdigit() or (depth and not depth.isdigit()):
        raise SystemExit(f"{test}: expected pp or tg, a number of tokens and perhaps @ and a depth, as in tg64@512")
    return head[:2], int(head[2:]), int(depth or 0)


def ours(arguments, file):
    """One run of ours: peak memory in MiB, all that it printed, and tokens per second by test."""
    parsed = [parse_test(t) for t in arguments.tests]
    # 0 leaves a kind out; every number is measured at every depth, and what was not asked for is not looked at.
    numbers = lambda wanted: ",".join(str(n) for n in sorted({n for kind, n, _ in parsed if kind == wanted})) or "0"
    depths = ",".join(str(d) for d in sorted({d for _, _, d in parsed}))
    answer = run([*shlex.split(arguments.lapidary), "bench", file, "-p", numbers("pp"), "-n", numbers("tg"), "-d", depths,
                  "-t", str(arguments.threads), "-r", "1", "--json"])
    rates = {(r["prompt_tokens"], r["generated_tokens"], r["depth"]): r["tokens_per_second"]["median"] for r in answer["results"]}
    found = {t: rates.get((n if kind == "pp" else 0, n if kind == "tg" else 0, d)) for t, (kind, n, d) in zip(arguments.tests, parsed)}
    return answer["peak_memory_bytes"] / (1 << 20), answer, found


def theirs(arguments, file):
    """The same of llama.cpp."""
    answer = run([arguments.peer, "bench", file, "--threads", str(arguments.threads), "--reps", "1", "--tests", ",".join(arguments.tests)])
    return answer["peak_rss_mb"], answer, {r["test"]: r["tps"] for r in answer["results"]}


def processor():
    try:
        with open("/proc/cpuinfo") as f:
            return next(line.split(":", 1)[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def measure(arguments, file, keep):
    rates = {t: ([], []) for t in arguments.tests}
    memory, loads = ([], []), []
    names = ["lapidary", "llama.cpp"]
    for pair in range(arguments.pairs):
        loads.append(os.getloadavg()[0])
        # Each is first in every other pair: whoever comes second finds the processor warm and its clock lower.
        sides = [(0, ours), (1, theirs)]
        for side, program in sides if pair % 2 == 0 else reversed(sides):
            peak, answer, found = program(arguments, file)
            keep({"file": os.path.basename(file), "pair": pair, "side": names[side], "answer": answer})
            memory[side].append(peak)
            for test in arguments.tests:
                if found.get(test) is None:
                    raise SystemExit(f"{file}: {names[side]} did not measure {test}")
                rates[test][side].append(found[test])
        latest = ", ".join(f"{t} {rates[t][0][-1]:.1f} / {rates[t][1][-1]:.1f}" for t in arguments.tests)
        print(f"{os.path.basename(file)} pair {pair + 1} of {arguments.pairs}: {latest}", file=sys.stderr)
    return rates, memory, loads


def number(rate):
    return f"{rate:.0f}" if rate >= 100 else f"{rate:.1f}"


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("files", nargs="+", metavar="FILE.gguf")
    p.add_argument("--lapidary", default=os.environ.get("LAPIDARY", "lapidary"),
                   help="the command, arguments included (default: $LAPIDARY, else lapidary on the path)")
    p.add_argument("--peer", default=os.environ.get("LLAMA_PEER"), help="the driver over llama.cpp (default: $LLAMA_PEER)")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--pairs", type=int, default=5)
    p.add_argument("--tests", type=lambda s: s.split(","), default=TESTS, help=f"default: {','.join(TESTS)}")
    p.add_argument("--raw", metavar="FILE.jsonl", help="keep what both printed, one run a line")
    arguments = p.parse_args()
    if not arguments.peer:
        p.error("--peer or LLAMA_PEER must name the driver over llama.cpp")
    if arguments.pairs < 1:
        p.error("--pairs must be at least 1")
    for file in arguments.files:
        if not os.path.isfile(file):
            p.error(f"{file}: no such file")
    raw = open(arguments.raw, "w") if arguments.raw else None

    def keep(entry):
        if raw:
            raw.write(json.dumps(entry) + "\n")
            raw.flush()

    rows, loads = [], []
    for file in arguments.files:
        rates, memory, seen = measure(arguments, file, keep)
        loads += seen
        cells = [os.path.basename(file).removesuffix(".gguf"), f"{os.path.getsize(file) / 1e6:.0f}"]
        for test in arguments.tests:
            mine, other = rates[test]
            # Both runs of a pair saw the same machine, so the ratio is taken inside the pairs.
            ratio = statistics.median(a / b for a, b in zip(mine, other))
            cells += [number(statistics.median(mine)), number(statistics.median(other)), f"**{ratio:.2f}**"]
        rows.append(cells + [f"{statistics.median(peaks):.0f}" for peaks in memory])

    print(f"{processor()}, {arguments.threads} threads, medians of {arguments.pairs} alternating pairs, {datetime.date.today()}; load average before "
          f"a pair {min(loads):.1f} to {max(loads):.1f}. Tokens per second, Lapidary / llama.cpp / ratio:\n")
    head = ["file", "MB"] + [c for t in arguments.tests for c in (t, "llama.cpp", "ratio")] + ["peak RSS MiB", "llama.cpp"]
    print("| " + " | ".join(head) + " |")
    print("| --- |" + " --: |" * (len(head) - 1))
    for cells in rows:
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
