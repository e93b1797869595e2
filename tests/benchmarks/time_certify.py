"""How tight the proved bounds are, and how long certifying and verifying take.

    python -m tests.benchmarks.time_certify

Bounds are timed in this process, in processor seconds, with python-flint's integers beside them; certifying and
verifying as whole processes, in wall and processor seconds. The excess is that of what is stated, its room included,
over a witness from below, so the true excess is smaller. The dense network has the size on which the certifier that
Tobler, Syeda & Murray verified in Dafny (CAV 2025) takes 1005 to 1768 s.
"""

from __future__ import annotations

import json
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
from lipbuild.certifying.bounds.exact import exact_convolution, exact_dense
from lipbuild.verifier.convolutions import convolution_at_most
from lipbuild.verifier.geometry import axis_of
from lipbuild.verifier.proofs import norm_at_most
from tests.certifying.bounds.operators import orthogonal_convolution

ROOT = Path(__file__).parent.parent.parent


def _timed(function: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


def matrices() -> None:
    """Dense kernels."""
    print(f"{'dense':<22}{'excess':>9}{'prove s':>9}{'verify s':>10}{'integers':>10}{'s':>7}")
    rng = np.random.default_rng(0)
    for size in (128, 256, 512, 1024):
        for kind in ("orthogonal", "Gaussian"):
            kernel = rng.standard_normal((size, size))
            if kind == "orthogonal":
                kernel = np.linalg.qr(kernel)[0]
            kernel = kernel.astype(np.float32)
            bound, seconds = _timed(lambda: dense(kernel))  # noqa: B023
            stated = bound.stated
            held, verified = _timed(lambda: norm_at_most(kernel.astype(np.float64)[None], stated))  # noqa: B023
            assert held
            exact, slow = _timed(lambda: exact_dense(kernel))  # noqa: B023
            excess, least = stated / exact.lower - 1.0, exact.excess
            print(
                f"{f'{size}, {kind}':<22}{excess:>9.1e}{seconds:>9.2f}{verified:>10.2f}{least:>10.1e}{slow:>7.2f}"
            )


def convolutions() -> None:
    """Orthogonal and other convolutions."""
    print(f"\n{'convolution':<34}{'rule':>12}{'excess':>9}{'prove s':>9}{'verify s':>10}{'integers s':>12}")
    rng = np.random.default_rng(0)
    orthogonal = orthogonal_convolution(64, 3)
    for name, kernel, size in (
        ("3×3×64→64 on 32×32, orthogonal", orthogonal, 32),
        ("3×3×64→64 on 8×8, orthogonal", orthogonal, 8),
        ("3×3×64→64 on 32×32, Gaussian", rng.standard_normal((3, 3, 64, 64)).astype(np.float32), 32),
        ("3×3×16→16 on 8×8, Gaussian", rng.standard_normal((3, 3, 16, 16)).astype(np.float32), 8),
    ):
        bound, seconds = _timed(lambda: convolution(kernel, (size, size), padding="same"))  # noqa: B023
        stated, proof = bound.stated, {"rule": bound.method, **bound.hint}
        axes = [axis_of("a", 3, 1, 1, "same", size)] * 2
        values = kernel.astype(np.float64)
        held, verified = _timed(lambda: convolution_at_most(values, axes, 1, stated, proof))  # noqa: B023
        assert held
        _, slow = _timed(lambda: exact_convolution(kernel, (size, size), padding="same"))  # noqa: B023
        excess = stated / bound.lower - 1.0
        print(f"{name:<34}{bound.method:>12}{excess:>9.1e}{seconds:>9.2f}{verified:>10.2f}{slow:>12.1f}")


def process(*arguments: object) -> tuple[float, float]:
    """Wall and processor seconds of a command."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "lipbuild", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def networks(folder: Path) -> None:
    """Whole processes, each once to fill caches and once to be measured."""
    import keras

    import lipbuild

    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(128, activation="relu") for _ in range(8)]
    model = keras.Sequential([keras.Input((784,)), *layers, keras.layers.Dense(10)])
    model.save(folder / "dense.keras")
    checked = lipbuild.load(ROOT / "configs/digits_cnn.yaml", ["train.epochs=2"])
    run = lipbuild.train(checked, folder, quiet=True).folder.path
    print(f"\n{'process':<62}{'wall s':>8}{'processor s':>13}")
    for name, target, certificate in (
        ("784-128×8-10 dense network", folder / "dense.keras", folder / "dense.certificate.json"),
        ("digits CNN (configs/digits_cnn.yaml), radii of its test data", run, run / "certificate.json"),
    ):
        for verb, arguments in (("certify", (target,)), ("verify", (target, certificate))):
            process(verb, *arguments)
            wall, processor = process(verb, *arguments)
            print(f"{f'{verb} {name}':<62}{wall:>8.2f}{processor:>13.2f}")
    statement = json.loads((folder / "dense.certificate.json").read_text())["predicate"]
    product = 1.0
    for layer in model.layers:
        product *= exact_dense(np.asarray(layer.kernel)).lower
    print(
        f"784-128×8-10: {float.fromhex(statement['lipschitz']) / product - 1.0:.1e} above the product of norms"
    )


def main() -> None:
    """Print the tables."""
    print(f"numpy {np.__version__}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    matrices()
    convolutions()
    with tempfile.TemporaryDirectory() as folder:
        networks(Path(folder))


if __name__ == "__main__":
    main()
