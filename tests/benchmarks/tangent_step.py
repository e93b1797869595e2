"""What it brings to project Adam's step onto the tangent space again, beside the gradient that it is made of.

    python -m tests.benchmarks.tangent_step [--config configs/digits_mlp.yaml …] [--seeds 0 1 2 3 4] [--results FILE]

A kernel's gradient lies along its manifold. Adam divides it entry by entry, so that its step leads off the manifold
again, and the retraction takes that part back. Here the part is left out of the step before the retraction, in the
networks of shipped configs with their own data, loss and epochs. Printed are clean and certified accuracy at .25 and .5
on the test part in % and the mean certified radius, of each way the mean of the seeds, and the gain at .25 seed by
seed. With `--results` each training is noted in a file of JSON lines, and those that are there are not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import ops

import lipbuild
from lipbuild.constraints.deferred_retraction import DeferredRetraction
from lipbuild.constraints.kernel_manifold import KernelManifold

ROOT = Path(__file__).parents[2]
RADII = (0.25, 0.5)
WAYS = ("gradient", "step too")


@contextmanager
def projected_steps() -> Iterator[None]:
    """Let Adam's steps of kernels lie along their manifolds."""
    update = keras.optimizers.Adam.update_step

    def along(self: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
        # What is updated is TensorFlow's variable, and the constraint stands at Keras's around it.
        of = {id(v._value): v.constraint for v in self._trainable_variables}
        constraint = of[id(variable)]
        manifold = constraint.manifold if isinstance(constraint, DeferredRetraction) else constraint
        before = ops.copy(ops.convert_to_tensor(variable))
        update(self, gradient, variable, learning_rate)
        if isinstance(manifold, KernelManifold) and manifold.projects(before):
            step = ops.convert_to_tensor(variable) - before
            variable.assign(before + manifold.tangent(before, step))

    keras.optimizers.Adam.update_step = along
    try:
        yield
    finally:
        keras.optimizers.Adam.update_step = update


def measured(config: Path, way: str, seed: int) -> list[float]:
    """Clean and certified accuracy in %, and the mean certified radius, of one training."""
    with tempfile.TemporaryDirectory() as folder, projected_steps() if way == WAYS[1] else nullcontext():
        run = lipbuild.train(lipbuild.load(config, [f"seed={seed}"]), folder, quiet=True)
        found = lipbuild.evaluate(run.folder.path, RADII)
    shares = (found.accuracy or 0.0, *(share for _, share in found.certified))
    return [*(100.0 * share for share in shares), found.average_radius or 0.0]


def main() -> None:
    """Print two lines a config."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shipped = [ROOT / "configs" / f"{name}.yaml" for name in ("digits_mlp", "digits_ortho_cnn")]
    parser.add_argument("--config", type=Path, nargs="+", default=shipped)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    lines = options.results.read_text().splitlines() if options.results and options.results.exists() else []
    known = {tuple(line["key"]): line["figures"] for line in map(json.loads, lines)}
    print(
        f"{'config':<20}{'projected':<12}{'clean':>7}" + "".join(f"{r:>7}" for r in RADII) + f"{'mean ε':>9}"
    )
    for config in options.config:
        found: dict[str, list[list[float]]] = {way: [] for way in WAYS}
        for seed in options.seeds:
            for way in WAYS:
                key = (config.stem, way, seed)
                if key not in known:
                    known[key] = measured(config, way, seed)
                    if options.results is not None:
                        with options.results.open("a") as file:
                            file.write(json.dumps({"key": key, "figures": known[key]}) + "\n")
                found[way].append(known[key])
        for way in WAYS:
            *shares, radius = (statistics.mean(column) for column in zip(*found[way], strict=True))
            print(
                f"{config.stem:<20}{way:<12}" + "".join(f"{s:>7.2f}" for s in shares) + f"{radius:>9.4f}",
                flush=True,
            )
        gains = [new[1] - old[1] for old, new in zip(*found.values(), strict=True)]
        print(f"  gain at {RADII[0]}, seed by seed: {' '.join(f'{gain:+.2f}' for gain in gains)}", flush=True)


if __name__ == "__main__":
    main()
