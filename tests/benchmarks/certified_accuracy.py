"""Certified accuracy on scikit-learn's digits, beside deel-lip at the same architecture, loss, epochs and data.

    python tests/benchmarks/certified_accuracy.py [--seeds 3]

Both sides: features/16, `train_test_split(test_size=0.2, random_state=0)`, batches of 64, 30 epochs, Adam, and for
each side the learning rate that serves it best: 1e-2 for deel-lip, 6e-2 with a cosine decay for lipbuild. Where
deel-lip 2 (its Keras 3 branch) can be imported it is trained here, in the same process, seed by seed in turn; where
not, the figures recorded for it in this file stand in its place, and the output says so.

The radius is margin/√2 over the constant that each side claims. lipbuild's constant is proved.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import lipbuild

ROOT = Path(__file__).parent.parent.parent
RADII = (0.25, 0.5, 1.0)
# Clean and certified accuracy in % at .25, .5 and 1: deel-lip's keras3 branch (repaired for Keras 3.15), mean of two
# or three seeds, TensorFlow 2.21, τ-CE with τ = 3, Adam 1e-2.
DEEL_LIP = {"digits_mlp": (97.9, 87.8, 63.3, 3.3), "digits_mlp_wide": (98.2, 92.2, 69.3, 5.3)}
# deel-lip's figures were taken with all of the remaining four fifths as training data.
SAME_DATA = [
    "data.validation=0",
    "train.optimizer.Adam.learning_rate.CosineDecay.decay_steps=690",
]
WIDE = [
    "model.layers[1].SpectralDense.units=256",
    "model.layers[3].SpectralDense.units=256",
]


def ours(overrides: list[str], seed: int) -> tuple[float, ...]:
    """Clean and certified accuracy in % of one lipbuild training."""
    checked = lipbuild.load(ROOT / "configs" / "digits_mlp.yaml", [*SAME_DATA, *overrides, f"seed={seed}"])
    with tempfile.TemporaryDirectory() as folder:
        run = lipbuild.train(checked, folder, quiet=True)
        evaluation = lipbuild.evaluate(run.folder.path, RADII)
    return tuple(100 * a for a in (evaluation.accuracy or 0.0, *(a for _, a in evaluation.certified)))


def theirs(units: tuple[int, int], seed: int) -> tuple[float, ...] | None:
    """Clean and certified accuracy in % of one deel-lip training, or None where deel-lip 2 is not there."""
    try:
        from deel.lip.activations import GroupSort2
        from deel.lip.layers import SpectralDense
        from deel.lip.losses import TauCategoricalCrossentropy
    except ImportError:
        return None
    import keras

    from lipbuild.data.config_data import load_dataset

    checked = lipbuild.load(ROOT / "configs" / "digits_mlp.yaml", SAME_DATA)
    assert checked.config is not None
    assert checked.graph is not None
    data = load_dataset(checked.config, checked.graph)
    keras.utils.set_random_seed(seed)
    layers = [keras.Input((8, 8, 1)), keras.layers.Flatten()]
    for width in units:
        layers += [SpectralDense(width), GroupSort2()]
    model = keras.Sequential([*layers, SpectralDense(10)])
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=TauCategoricalCrossentropy(3.0))
    model.fit(data.train.x, data.train.y, batch_size=64, epochs=30, verbose=0)
    logits = model.predict(data.test.x, verbose=0).astype(np.float64)
    ordered = np.sort(logits, axis=1)
    right = logits.argmax(axis=1) == data.test.targets
    radii = (ordered[:, -1] - ordered[:, -2]) / np.sqrt(2.0)
    return tuple(
        100 * float(value) for value in (right.mean(), *((right & (radii >= r)).mean() for r in RADII))
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    print(f"{'network':<18}{'':<22}{'clean':>7}" + "".join(f"{r:>7}" for r in RADII))
    for name, overrides, units in (("digits_mlp", [], (64, 32)), ("digits_mlp_wide", WIDE, (256, 256))):
        mine, other = [], []
        for seed in seeds:
            mine.append(ours(overrides, seed))
            measured = theirs(units, seed)
            if measured is not None:
                other.append(measured)
        row(name, "lipbuild", [statistics.mean(column) for column in zip(*mine, strict=True)])
        if other:
            row(name, "deel-lip", [statistics.mean(column) for column in zip(*other, strict=True)])
        else:
            row(name, "deel-lip (recorded)", list(DEEL_LIP[name]))


def row(name: str, who: str, values: list[float]) -> None:
    print(f"{name:<18}{who:<22}" + "".join(f"{value:>7.1f}" for value in values))


if __name__ == "__main__":
    main()
