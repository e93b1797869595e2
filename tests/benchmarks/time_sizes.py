"""Seconds of processor and memory of proofs at real sizes.

    python -m tests.benchmarks.time_sizes            # kernels of 192 to 2,048 channels
    python -m tests.benchmarks.time_sizes RECIPE     # a config at full size, untrained: its plain file, by the commands

The kernels are drawn, made orthogonal in float64 and rounded once, as those of trained layers are.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.certifying.bounds import convolution, dense
from lipbuild.verifier.convolutions import convolution_at_most
from lipbuild.verifier.geometry import axis_of
from lipbuild.verifier.proofs import norm_at_most
from tests.certifying.bounds.operators import orthogonal_convolution


def _timed(function: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


def _row(name: str, rule: str, excess: float, proved: float, verified: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{name:<34}{rule:>10}{excess:>10.1e}{proved:>9.2f}{verified:>10.2f}{peak:>9.2f}", flush=True)


def kernels() -> None:
    """Orthogonal convolutions and matrices."""
    print(f"{'orthogonal kernel':<34}{'rule':>10}{'excess':>10}{'prove s':>9}{'verify s':>10}{'GiB':>9}")
    for channels, length in ((192, 16), (512, 8), (512, 32), (512, 224), (1024, 16), (2048, 8)):
        kernel: Any = orthogonal_convolution(channels, 3)  # type: ignore[no-untyped-call]
        bound, proved = _timed(lambda: convolution(kernel, (length, length), padding="same"))  # noqa: B023
        axes = [axis_of("axis", 3, 1, 1, "same", length)] * 2
        values, proof = kernel.astype(np.float64), {"rule": bound.method, **bound.hint}
        held, verified = _timed(lambda: convolution_at_most(values, axes, 1, bound.stated, proof))  # noqa: B023
        assert held
        name = f"3×3×{channels}→{channels} on {length}×{length}"
        _row(name, bound.method, bound.stated - 1.0, proved, verified)
    rng = np.random.default_rng(0)
    for size in (1024, 2048):
        matrix = np.linalg.qr(rng.standard_normal((size, size)))[0].astype(np.float32)
        bound, proved = _timed(lambda: dense(matrix))  # noqa: B023
        stack = matrix.astype(np.float64)[None]
        held, verified = _timed(lambda: norm_at_most(stack, bound.stated))  # noqa: B023
        assert held
        _row(f"{size}→{size}", bound.method, bound.stated - 1.0, proved, verified)


def recipe(path: Path) -> None:
    """`certify` and `verify` of the plain file of a config that was built and not trained."""
    import keras

    import lipbuild
    from lipbuild.building.plain import plain_model

    keras.utils.set_random_seed(0)
    checked = lipbuild.load(path)
    assert checked.graph is not None
    with tempfile.TemporaryDirectory() as folder:
        model, certificate = Path(folder) / "plain.keras", Path(folder) / "plain.certificate.json"
        plain_model(lipbuild.build(checked), checked.graph).save(model)
        for command in (("certify", model), ("verify", model, certificate)):
            start = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "lipbuild", *map(str, command)], stdout=subprocess.PIPE, text=True
            )
            output = process.stdout.read() if process.stdout is not None else ""
            # The usage of this process alone, where getrusage would give the largest of all.
            _, status, usage = os.wait4(process.pid, 0)
            if status:
                sys.exit(output)
            print(
                f"{command[0]} {path.stem}: {usage.ru_utime + usage.ru_stime:.0f} s of processor, "
                f"{time.perf_counter() - start:.0f} s, {usage.ru_maxrss / 2**20:.1f} GiB",
                flush=True,
            )


def main() -> None:
    """Print the figures."""
    print(f"numpy {np.__version__}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    for argument in sys.argv[1:]:
        recipe(Path(argument))
    if not sys.argv[1:]:
        kernels()


if __name__ == "__main__":
    main()
