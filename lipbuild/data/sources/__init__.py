"""One loader a source: from what a config says to features and labels."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from lipbuild.config.sources import SOURCES
from lipbuild.data.raw import RawData
from lipbuild.plugins import load_named

# The module of each source's loader, imported when it is needed, and its function's name.
_LOADERS = {
    "digits": ("shipped", "load_digits"),
    "breast_cancer": ("shipped", "load_breast_cancer"),
    "wine": ("shipped", "load_wine"),
    "iris": ("shipped", "load_iris"),
    "diabetes": ("shipped", "load_diabetes"),
    "linnerud": ("shipped", "load_linnerud"),
    "moons": ("shipped", "load_moons"),
    "circles": ("shipped", "load_circles"),
    "mnist": ("keras_datasets", "load_mnist"),
    "fashion_mnist": ("keras_datasets", "load_fashion_mnist"),
    "cifar10": ("keras_datasets", "load_cifar10"),
    "cifar100": ("keras_datasets", "load_cifar100"),
    "tfds": ("tfds", "load_tfds"),
    "npz": ("npz", "load_npz"),
    "npy": ("npy", "load_npy"),
    "csv": ("csv_file", "load_csv"),
    "parquet": ("parquet", "load_parquet"),
    "image_folder": ("image_folder", "load_image_folder"),
    "tfrecord": ("tfrecord", "load_tfrecord"),
    "python": ("python_function", "load_python"),
    "none": ("no_data", "load_none"),
}

# Each takes the source's spec, the folder where relative paths start, and the split's seed.
Loader = Callable[[Any, Path, int], RawData]


def loader_of(name: str) -> Loader:
    """The loader of a source."""
    if name not in _LOADERS:
        brought: Loader = load_named(SOURCES[name].loader, f"the loader of the source `{name}`")
        return brought
    module, function = _LOADERS[name]
    found: Loader = getattr(import_module(f"{__name__}.{module}"), function)
    return found
