"""Fuzz the proved bounds: none may be below the norm, which is decided exactly in integers.

    python -m tests.benchmarks.fuzz_bounds --matrices 10000 --convolutions 1000

Prints the relative excess by kind and exits 1 at the first unsound bound.
"""

from __future__ import annotations

import argparse
import math
import sys
import time

import numpy as np

from lipbuild.certify.bounds import convolution, dense
from tests.certify.bounds.operators import convolution_matrix
from tests.certify.bounds.oracle import norm_at_least, norm_at_most
from tests.certify.bounds.samples import random_convolution, random_matrix


def main() -> int:
    """Run the fuzzing; the exit status is 1 where a bound is unsound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matrices", type=int, default=10_000)
    parser.add_argument("--convolutions", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    start = time.perf_counter()
    excesses: dict[str, list[float]] = {}

    def record(kind: str, bound, matrix: np.ndarray, sample: object) -> None:
        if not (norm_at_most(matrix, bound.upper) and norm_at_least(matrix, bound.lower)):
            print(f"unsound: {kind} {bound}\n{sample!r}")
            sys.exit(1)
        if bound.lower > 1e-300 and math.isfinite(bound.upper):
            excesses.setdefault(kind, []).append(bound.excess)

    for _ in range(arguments.matrices):
        kind, matrix = random_matrix(rng)
        record(kind, dense(matrix), matrix, matrix)
    for _ in range(arguments.convolutions):
        sample = random_convolution(rng)
        kernel = sample["kernel"].astype(np.float64)
        operator = convolution_matrix(
            kernel,
            sample["input_shape"],
            sample["strides"],
            sample["padding"],
            sample["dilation_rate"],
            sample["groups"],
        )
        for name, order in (("convolution, frequencies", 0), ("convolution, explicit", 1024)):
            record(name, convolution(**sample, explicit_order=order), operator, sample)
    print("excess over the witness, which is no larger than the norm: median, largest")
    for kind, values in sorted(excesses.items()):
        print(f"{kind:28s} {np.median(values):.1e} {max(values):.1e}")
    count = arguments.matrices + 2 * arguments.convolutions
    print(f"{count} bounds, none below the norm, {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
