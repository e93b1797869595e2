"""Certified accuracy against attacked accuracy, for every shipped config.

    python tests/benchmarks/attack_configs.py [CONFIG...] [--samples 200] [--epochs N]

Trains each config (or those that are named), attacks its test samples, and prints the clean accuracy, the mean
certified radius, the mean distance of the nearest attacks, the least and the median of distance over radius, and the
least gap between the attacked and the certified accuracy over all radii: it is never negative, since every single
attack is held against its sample's radius. For a regression the largest movement found stands beside the certified
one. Exits 1 if an attack lies inside a certified radius. A config whose data is not there is left out, with a line.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import lipbuild
from lipbuild.errors import LipbuildError, UnusableError
from lipbuild.evaluation.attack.options import AttackOptions

CONFIGS = Path(__file__).parent.parent.parent / "configs"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("configs", nargs="*", type=Path)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--epochs", type=int)
    given = parser.parse_args()
    configs = given.configs or [*sorted(CONFIGS.glob("*.yaml")), *sorted(CONFIGS.glob("layers/*.yaml"))]
    overrides = [f"train.epochs={given.epochs}"] if given.epochs else []
    print(
        f"{'config':<20}{'clean':>8}{'radius':>9}{'attack':>9}{'least':>9}{'median':>9}{'gap':>8}{'seconds':>9}"
    )
    wrong = 0
    for path in configs:
        with tempfile.TemporaryDirectory() as folder:
            try:
                run = lipbuild.train(lipbuild.load(path, overrides), folder, quiet=True)
            except UnusableError as error:
                print(f"{path.stem:<20}left out: {error.message}")
                continue
            options = AttackOptions(samples=given.samples)
            start = time.monotonic()
            try:
                evaluation = lipbuild.evaluate(run.folder.path, attack=options, plots=False)
            except LipbuildError as error:
                wrong += 1
                print(f"{path.stem:<20}WRONG: {error.message}")
                continue
            print(f"{path.stem:<20}{row(evaluation, run.folder.attacks)}{time.monotonic() - start:>9.1f}")
    return 1 if wrong else 0


def row(evaluation: lipbuild.evaluation.evaluation.Evaluation, attacks: Path) -> str:
    if evaluation.task == "regression":
        (radius, allowed), moved = evaluation.movements[-1], evaluation.movement_attack.movements[-1][1]
        return f"at {radius:g} an output moves by at most {allowed:.6f}, found {moved:.6f}"
    if evaluation.uncertified or evaluation.attack.ratios is None:
        return f"{evaluation.accuracy:>8.2%} nothing is certified: {evaluation.uncertified}"
    found = np.load(attacks)
    # A sample that is wrong was not attacked: nothing is found, and nothing is right.
    right = found["adversarial_label"] >= 0
    radii = np.concatenate([found["radius"][right], found["distance"][right]])
    gap = min(
        float(np.mean(right & (found["distance"] >= r)) - np.mean(right & (found["radius"] >= r)))
        for r in radii
    )
    least, median = evaluation.attack.ratios
    return (
        f"{evaluation.accuracy:>8.2%}{evaluation.average_radius:>9.4f}{evaluation.attack.average_distance:>9.4f}"
        f"{least:>9.4f}{median:>9.4f}{gap:>8.2%}"
    )


if __name__ == "__main__":
    sys.exit(main())
