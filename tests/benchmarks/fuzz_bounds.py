"""Fuzz the proved bounds: none may be below the norm, which is decided exactly in integers.

    python -m tests.benchmarks.fuzz_bounds --matrices 10000 --convolutions 1000

What a certificate would state of each has to be proved again by the verifier, by its own rules. Prints the relative
excess by kind and exits 1 at the first bound that is unsound or that the verifier does not prove.
"""

from __future__ import annotations

import argparse
import math
import sys
import time

import numpy as np

from lipbuild.certifying.bounds import convolution, dense
from lipbuild.verifier.convolutions import convolution_at_most
from lipbuild.verifier.proofs import norm_at_most as verified_at_most
from tests.certifying.bounds.operators import convolution_matrix
from tests.certifying.bounds.oracle import norm_at_least, norm_at_most
from tests.certifying.bounds.samples import random_convolution, random_matrix
from tests.verifier.sample_axes import axes_of

# One matrix in twenty is up to this large: deciding its norm exactly takes longer.
LARGEST = 28


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

    def record(kind: str, bound, matrix: np.ndarray, sample: object, verified: bool) -> None:
        sound = norm_at_most(matrix, bound.upper) and norm_at_least(matrix, bound.lower)
        if not (sound and verified):
            print(f"{'not verified' if sound else 'unsound'}: {kind} {bound}\n{sample!r}")
            sys.exit(1)
        if bound.lower > 1e-300 and math.isfinite(bound.upper):
            excesses.setdefault(kind, []).append(bound.excess)

    for number in range(arguments.matrices):
        kind, matrix = random_matrix(rng, LARGEST if number % 20 == 0 else 9)
        bound = dense(matrix)
        verified = verified_at_most(matrix.astype(np.float64)[None], bound.stated)
        record(kind, bound, matrix, matrix, verified)
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
        for name, order in (("convolution, kernel", 0), ("convolution, explicit", 1024)):
            bound = convolution(**sample, explicit_order=order)
            proof = {"rule": bound.method, **bound.hint}
            verified = convolution_at_most(kernel, axes_of(sample), sample["groups"], bound.stated, proof)
            record(name, bound, operator, sample, verified)
    print("excess over the witness, which is no larger than the norm: median, largest")
    for kind, values in sorted(excesses.items()):
        print(f"{kind:28s} {np.median(values):.1e} {max(values):.1e}")
    count = arguments.matrices + 2 * arguments.convolutions
    print(
        f"{count} bounds, none below the norm, all proved again by the verifier, {time.perf_counter() - start:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
