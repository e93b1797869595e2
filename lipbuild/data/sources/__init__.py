"""One loader a source: from what a config says to features and labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lipbuild.data.raw import RawData
from lipbuild.data.sources.csv_file import load_csv
from lipbuild.data.sources.npz import load_npz
from lipbuild.data.sources.shipped import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_moons,
    load_wine,
)

# Each takes the source's spec, the folder where relative paths start, and the split's seed.
LOADERS: dict[str, Callable[[Any, Path, int], RawData]] = {
    "digits": load_digits,
    "breast_cancer": load_breast_cancer,
    "wine": load_wine,
    "diabetes": load_diabetes,
    "moons": load_moons,
    "npz": load_npz,
    "csv": load_csv,
}
