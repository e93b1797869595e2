"""Search for a radius in C above the exact one, and for intervals and classes that do not hold.

    python -m tests.benchmarks.fuzz_c_code [--count INPUTS] [--seed SEED]

Random networks of dense layers, with weights and biases of many sizes, some behind scales of their inputs, are written
in C in both arithmetics and for both semantics, compiled with fused products, without, and with small numbers flushed
to zero (on x86), and asked about inputs of sizes from 1e-30 to 1e16, most of them where two classes meet as nearly as
the arithmetic can say. Each label and radius is held against the function of the arrays in whole numbers of any size.
Exits with 1 where one says more than is so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.arithmetic import DOUBLE, FLOAT32
from lipbuild.exporting.c_code.compilers import Build, builds
from lipbuild.exporting.c_code.gate import same_bits
from lipbuild.exporting.c_code.subject import subject_of
from tests.exporting.c_code.exact import false_moves, false_radii, near_boundaries
from tests.exporting.c_code.networks import dense
from tests.exporting.c_code.programs import COMPILER, saying, written

_INPUTS = 2500


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100_000, help="how many inputs in all")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if not COMPILER:
        print("no C compiler is installed")
        return 2
    counts: Counter[str] = Counter()
    false, seed, start = [], arguments.seed, time.process_time()
    while counts["inputs"] < arguments.count:
        seed += 1
        false += one(seed, counts)
    print(
        f"{counts['programs']} programs, {counts['inputs']} inputs, {counts['certified']} certified, by "
        f"{counts['answers']} answers of compiled programs, {counts['other bits']} of them with other bits, where "
        f"products are fused or numbers flushed; {counts['kept']} classes said to stay within tolerances, "
        f"{counts['intervals']} intervals; {counts['refused']} networks refused; "
        f"{time.process_time() - start:.0f} s of a processor"
    )
    for line in false[:20]:
        print(f"FALSE: {line}")
    print(f"{len(false)} answers say more than is so")
    return 1 if false else 0


def one(seed: int, counts: Counter[str]) -> list[str]:
    """One network; what it answers that is not so."""
    rng = np.random.default_rng(seed)
    widths = [int(rng.integers(1, 7)), *(2 * int(n) for n in rng.integers(1, 6, rng.integers(0, 3)))]
    widths.append(int(rng.choice([1, 2, 3, 6])))
    network = dense(
        tuple(widths),
        seed=seed,
        scale=float(rng.choice([1e-12, 1e-3, 0.5, 1.0, 1.0, 30.0, 1e6])),
        bias=float(rng.choice([0.0, 1e-10, 0.1, 5.0, 1e5])),
        sort=str(rng.choice(["group_sort", "abs", "relu"])),
        columns=float(rng.uniform(0, 4)) if rng.random() < 0.3 else None,
    )
    arithmetic = DOUBLE if rng.random() < 0.25 else FLOAT32
    semantics = "float32" if rng.random() < 0.4 else "real"
    # Columns are off by so much, and a regression's input by as much.
    off = np.random.default_rng([seed, 1]).choice([1e-12, 1e-6, 1e-3, 1.0, 1e3], widths[0] + 1).tolist()
    try:
        subject, values = (
            saying(subject_of(network, arithmetic, semantics, classes=classes), semantics, off[0], off[1:])  # type: ignore[arg-type]
            for classes in (True, False)
        )
    except RefusedError:
        counts["refused"] += 1
        return []
    x = near_boundaries(subject, rng, _INPUTS)
    x = x[np.isfinite(x).all(axis=1)]
    expected = subject.emulate(x)
    counts["programs"] += 1
    counts["inputs"] += len(x)
    counts["certified"] += int(expected["certified"].sum())
    level = ("-O2", "-march=native")
    ways = [Build(COMPILER, level), Build(COMPILER, level, contracted=True)]
    ways += [Build(COMPILER, level, flushed=True)] if any(build.flushed for build in builds()) else []
    with tempfile.TemporaryDirectory() as folder:
        source = written(subject, Path(folder))
        plain, *others = [subject.compiled(source, build)(x).outputs for build in ways]
        source = written(values, Path(folder), "values")
        intervals = {b.described: values.compiled(source, b)(x).outputs for b in ways}
    counts["intervals"] += sum(int(answers["certified"].sum()) for answers in intervals.values())
    found = {"emulated": expected, **{b.described: answers for b, answers in zip(ways[1:], others)}}
    counts["kept"] += sum(int(answers["within_tolerance"].sum()) for answers in found.values())
    counts["answers"] += len(ways) * len(x)
    counts["other bits"] += sum(int((answers["radius"] != expected["radius"]).sum()) for answers in others)
    wrong = [f"{seed}: {name}: other bits" for name in expected if not same_bits(plain[name], expected[name])]
    for name, answers in found.items():
        lines = false_radii(subject, answers, x) + false_moves(subject, answers, x)
        wrong += [f"{seed}, {name}: {line}" for line in lines]
    for name, answers in intervals.items():
        wrong += [f"{seed}, values, {name}: {line}" for line in false_moves(values, answers, x)]
    return wrong


if __name__ == "__main__":
    sys.exit(main())
