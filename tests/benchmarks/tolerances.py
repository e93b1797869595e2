"""Which samples keep their class within tolerances: column by column, and as it is proved.

    python -m tests.benchmarks.tolerances

Trains a classifier of the wines of scikit-learn with layers of the L2 norm and one with `LInfDense`. All columns are
off by the same share of their deviation. Prints the share of all samples whose class is proved to stay: where the box
of both outputs is the sum of what each column does (`by columns`), and by `CertifiedNetwork.within` (`proved`).
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_wine

import lipbuild
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.stated_columns import Move
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.saved.archive import read_archive
from lipbuild.saved.keras_config import network_of

_L2: list[Any] = [
    {"SpectralDense": {"units": 32}},
    "GroupSort2",
    {"SpectralDense": {"units": 32}},
    "GroupSort2",
    {"SpectralDense": {"units": 3}},
]
_GREATEST: list[Any] = [
    {"LInfDense": {"units": 32, "input_norm": "l1", "column_penalty": 0.01}},
    "GroupSort2",
    {"LInfDense": {"units": 16}},
    "GroupSort2",
    {"LInfDense": {"units": 3}},
]


def main() -> None:
    """Train both, and print the table."""
    print(f"{'layers':8}{'off by':>10}{'by columns':>12}{'proved':>9}")
    with tempfile.TemporaryDirectory() as folder:
        table, x = _table(Path(folder))
        for name, model in (
            ("L2", {"layers": _L2}),
            ("greatest", {"lipschitz": 6.0, "layers": _GREATEST}),
        ):
            certified = _trained(table, model, Path(folder))
            for share in (0.05, 0.1, 0.2):
                columns, proved = _kept(certified, x, share * x.std(axis=0))
                print(f"{name:8}{f'{share:g} σ':>10}{columns:12.1%}{proved:9.1%}")


def _table(folder: Path) -> tuple[Path, NDArray[np.float32]]:
    data, table = load_wine(), folder / "wine.csv"
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(name.replace("/", "_") for name in data.feature_names), "label"])
        writer.writerows([*row, f"c{label}"] for row, label in zip(data.data.tolist(), data.target))
    return table, data.data.astype(np.float32)


def _trained(table: Path, model: dict[str, Any], folder: Path) -> CertifiedNetwork:
    config = {
        "name": "wine",
        "seed": 0,
        "model": model,
        "data": {
            "source": {"csv": {"path": str(table), "target": "label"}},
            "test": 0.3,
            "preprocess": [{"Normalization": {"least_std": 0.01}}],
        },
        "train": {
            "loss": {"TauCategoricalCrossentropy": {"tau": 10}},
            "optimizer": {"Adam": {"learning_rate": 0.01}},
            "epochs": 40,
        },
    }
    run = lipbuild.train(config, folder, quiet=True)
    return CertifiedNetwork.of(network_of(*read_archive(run.folder.plain)))


def _kept(
    certified: CertifiedNetwork, x: NDArray[np.float32], sizes: NDArray[np.float32]
) -> tuple[float, float]:
    logits = certified.logits(x)
    low, high = certified.slopes([Move(str(i), (i,)) for i in range(len(sizes))])
    box = (np.maximum(-low, high) * sizes[:, None]).sum(axis=0)
    rows, top = np.arange(len(x)), logits.labels
    gaps = logits.values[rows, top][:, None] - logits.values
    kept = gaps > box[top][:, None] + box
    kept[rows, top] = True
    within = certified.within([Tolerance(str(i), i, float(t)) for i, t in enumerate(sizes)])
    return float(kept.all(axis=1).mean()), float(within.keeps_class(logits).mean())


if __name__ == "__main__":
    main()
