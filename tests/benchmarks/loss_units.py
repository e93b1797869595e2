"""Losses at the numbers of their papers, and in the units of the radii that are certified.

    python tests/benchmarks/loss_units.py [--config configs/digits_mlp.yaml] [--seeds 0 1 2]

One network of a shipped config with its own data, epochs and optimiser, `certify.radii` .1, .25 and .5; only the loss
is another. A pair of lines has the same loss: its paper's offset, margin or temperature, and what it derives from the
radii where those are left out. Below are the other radii of which the target could have been one. What is printed is
clean and certified accuracy of the test set in %, the means of the seeds, and the mean certified radius. Nothing is
chosen by it: what is derived is fixed by the loss and the radii.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import lipbuild

ROOT = Path(__file__).parent.parent.parent
RADII = (0.1, 0.25, 0.5)
LOSSES = (
    "{LogitAnnealing: {offset: 2.0, temperature: 0.75}}",
    "LogitAnnealing",
    "{OffsetCrossentropy: {offset: 1.4142, temperature: 0.25}}",
    "OffsetCrossentropy",
    "{OffsetCrossentropy: {target_radius: 0.25, temperature: 0.25}}",
    "{OffsetCrossentropy: {target_radius: 0.25}}",
    "{EMMA: {target_radius: 0.25, temperature: 0.25}}",
    "{EMMA: {target_radius: 0.25}}",
    "{TRADES: {target_radius: 0.25, temperature: 0.25}}",
    "{TRADES: {target_radius: 0.25}}",
    "{MulticlassHKR: {alpha: 10, min_margin: 1.0}}",
    "{MulticlassHKR: {alpha: 10, target_radius: 0.25}}",
    "{OffsetCrossentropy: {target_radius: 0.1}}",
    "{OffsetCrossentropy: {target_radius: 0.5}}",
    "{LogitAnnealing: {target_radius: 0.1}}",
    "{LogitAnnealing: {target_radius: 0.5}}",
)


def measure(config: Path, loss: str, seed: int) -> tuple[float, ...]:
    """Clean and certified accuracy in %, and the mean certified radius, of one training."""
    overrides = [f"train.loss={loss}", f"seed={seed}", f"certify.radii={list(RADII)}"]
    with tempfile.TemporaryDirectory() as folder:
        run = lipbuild.train(lipbuild.load(config, overrides), folder, quiet=True)
        found = lipbuild.evaluate(run.folder.path, RADII, attack=False, plots=False)
    shares = (found.accuracy or 0.0, *(share for _, share in found.certified))
    return (*(100.0 * share for share in shares), found.average_radius or 0.0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, default=ROOT / "configs" / "digits_mlp.yaml")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    print(f"{options.config.stem}, seeds {', '.join(map(str, options.seeds))}")
    print(f"{'loss':<66}{'clean':>7}" + "".join(f"{radius:>7}" for radius in RADII) + f"{'mean ε':>9}")
    for loss in LOSSES:
        rows = [measure(options.config, loss, seed) for seed in options.seeds]
        *shares, radius = (statistics.mean(column) for column in zip(*rows, strict=True))
        print(f"{loss:<66}" + "".join(f"{share:>7.1f}" for share in shares) + f"{radius:>9.3f}", flush=True)


if __name__ == "__main__":
    main()
