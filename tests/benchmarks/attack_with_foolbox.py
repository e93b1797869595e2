"""lipbuild's attack beside those of foolbox, on the same samples of a config.

    python -m tests.benchmarks.attack_with_foolbox [CONFIG] [--samples 50] [--epochs N]

Trains the config, attacks its test samples, and lets four attacks of foolbox look for nearer points. For each attack it
prints for how many samples it found another class, the mean distance, the least and the median of its distance over
lipbuild's, and the seconds: a least ratio below 1 is a sample for which foolbox was better. Exits 1 if anything lies
inside a certified radius. It needs foolbox, and a network with several logits.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import foolbox
import keras
import numpy as np
import tensorflow as tf

import lipbuild
from lipbuild.building.plain import in_float64
from lipbuild.certifying.bounds.frobenius import norms_up
from lipbuild.certifying.bounds.rounding import up
from lipbuild.evaluation.attack.bisection import bisect
from lipbuild.evaluation.attack.objective import Array, Labels, Objective
from lipbuild.evaluation.attack.options import AttackOptions
from lipbuild.evaluation.attack.rows import norms
from lipbuild.evaluation.run_logits import RunLogits
from lipbuild.evaluation.trained import load_trained
from lipbuild.training.run_folder import open_run_folder

CONFIG = Path(__file__).parent.parent.parent / "configs" / "digits_mlp.yaml"
ATTACKS = {
    "foolbox DDN": foolbox.attacks.DDNAttack(steps=100),
    "foolbox Carlini-Wagner": foolbox.attacks.L2CarliniWagnerAttack(binary_search_steps=6, steps=200),
    "foolbox FMN": foolbox.attacks.L2FMNAttack(steps=100),
    "foolbox DeepFool": foolbox.attacks.L2DeepFoolAttack(steps=50),
}


def foolbox_attack(
    attack: foolbox.attacks.base.Attack,
    model: keras.Model,
    exact: Objective,
    x: Array,
    labels: Labels,
    *,
    tolerance: Array | float = 0.0,
) -> Array:
    """How far off an attack of foolbox finds another class, counted as lipbuild's own attack is.

    What it finds is taken up to the boundary in float64. A distance is rounded up, and infinite where nothing is found.

    Args:
        attack: The attack.
        model: The network in float32, with several logits.
        exact: The objective in float64.
        x: (samples, *shape), float64.
        labels: (samples,), the classes of the samples.
        tolerance: How far beyond a tie a logit must be to count.
    """
    # Wide enough that they never confine a perturbation: a certified radius knows no range of the data.
    low, high = float(x.min()), float(x.max())
    room = max(high - low, 1.0)
    wrapped = foolbox.TensorFlowModel(model, bounds=(low - room, high + room))
    inputs, classes = tf.constant(x, tf.float32), tf.constant(labels, tf.int64)
    points = np.asarray(attack(wrapped, inputs, classes, epsilons=None)[1], np.float64)
    # The class other than the sample's own: a point may be just short of the boundary.
    logits = np.asarray(model.predict(points.astype(np.float32), verbose=0), np.float64)
    logits[np.arange(len(labels)), labels] = -np.inf
    target = np.asarray(np.argmax(logits, axis=1), np.int64)
    points, across = bisect(exact, x, points, labels, target, tolerance=tolerance)
    return np.where(across & (norms(points - x) > 0.0), up(norms_up(points - x)), np.inf)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", nargs="?", type=Path, default=CONFIG)
    parser.add_argument("--samples", type=int, default=50)
    parser.add_argument("--epochs", type=int)
    given = parser.parse_args()
    overrides = [f"train.epochs={given.epochs}"] if given.epochs else []
    with tempfile.TemporaryDirectory() as folder:
        run = lipbuild.train(lipbuild.load(given.config, overrides), folder, quiet=True).folder.path
        start = time.monotonic()
        lipbuild.evaluate(run, attack=AttackOptions(samples=given.samples), plots=False)
        seconds = time.monotonic() - start
        place = open_run_folder(run)
        found = np.load(place.attacks)
        network = RunLogits.of(load_trained(place, []))
    if network.plain.output_shape[-1] == 1:
        parser.error("foolbox's attacks need several logits, and this network has one")
    attacked = found["adversarial_label"] >= 0
    x, labels, ours = found["x"][attacked], found["label"][attacked], found["distance"][attacked]
    radii = found["radius"][attacked] if "radius" in found else np.zeros(len(x))
    error = network.logits(x.astype(np.float32)).error64
    tolerance = 4.0 * np.where(np.isfinite(error), error, 0.0)
    exact = Objective(in_float64(network.plain))
    print(f"{'attack':<24}{'found':>8}{'distance':>10}{'least':>9}{'median':>9}{'seconds':>9}")
    print(f"{'lipbuild':<24}{len(x):>8}{ours.mean():>10.4f}{1:>9.4f}{1:>9.4f}{seconds:>9.1f}")
    inside = int((ours < radii).sum())
    for name, attack in ATTACKS.items():
        start = time.monotonic()
        theirs = foolbox_attack(attack, network.plain, exact, x, labels, tolerance=tolerance)
        seconds = time.monotonic() - start
        there = np.isfinite(theirs)
        ratios = theirs[there] / ours[there]
        inside += int((theirs < radii).sum())
        print(
            f"{name:<24}{there.sum():>8}{theirs[there].mean():>10.4f}{ratios.min():>9.4f}{np.median(ratios):>9.4f}"
            f"{seconds:>9.1f}"
        )
    print(f"inside a certified radius: {inside}")
    return 1 if inside else 0


if __name__ == "__main__":
    sys.exit(main())
