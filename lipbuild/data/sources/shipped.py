"""The data sets that scikit-learn ships."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.planes import Circles, Moons
from lipbuild.config.sources.shipped import Digits
from lipbuild.config.sources.shipped_tables import BreastCancer, Diabetes, Iris, Linnerud, Wine
from lipbuild.data.raw import RawData
from lipbuild.data.sources.image_unit import IMAGE_UNIT

_RANGE = "the range of a measurement over the data set"


def load_digits(spec: Digits, folder: Path, seed: int) -> RawData:
    """The handwritten digits as 8×8×1 images in [0, 1]."""
    from sklearn import datasets

    data = datasets.load_digits()
    images = (data.images / 16.0).astype(np.float32)[..., np.newaxis]
    return RawData(images, data.target, class_names=spec.names, unit=IMAGE_UNIT)


def load_breast_cancer(spec: BreastCancer, folder: Path, seed: int) -> RawData:
    """The tumours' measurements, each mapped to [0, 1]."""
    from sklearn import datasets

    return _measurements(datasets.load_breast_cancer())


def load_wine(spec: Wine, folder: Path, seed: int) -> RawData:
    """The wines' measurements, each mapped to [0, 1]."""
    from sklearn import datasets

    return _measurements(datasets.load_wine())


def load_iris(spec: Iris, folder: Path, seed: int) -> RawData:
    """The lengths of the irises' leaves, each mapped to [0, 1]."""
    from sklearn import datasets

    return _measurements(datasets.load_iris())


def load_linnerud(spec: Linnerud, folder: Path, seed: int) -> RawData:
    """The men's exercises and the measurements of their bodies, each mapped to [0, 1]."""
    from sklearn import datasets

    data = datasets.load_linnerud()
    return RawData(_unit_range(data.data), _unit_range(data.target), unit=_RANGE)


def load_diabetes(spec: Diabetes, folder: Path, seed: int) -> RawData:
    """The patients' measurements and the progression of the disease, each mapped to [0, 1]."""
    from sklearn import datasets

    data = datasets.load_diabetes(scaled=False)
    return RawData(_unit_range(data.data), _unit_range(data.target), unit=_RANGE)


def load_moons(spec: Moons, folder: Path, seed: int) -> RawData:
    """Two half circles of radius 1."""
    from sklearn import datasets

    points, labels = datasets.make_moons(n_samples=spec.samples, noise=spec.noise, random_state=seed)
    return RawData(points.astype(np.float32), labels, unit="the radius of a half circle")


def load_circles(spec: Circles, folder: Path, seed: int) -> RawData:
    """A circle of radius 1, and one within it."""
    from sklearn import datasets

    points, labels = datasets.make_circles(
        n_samples=spec.samples, noise=spec.noise, factor=spec.factor, random_state=seed
    )
    return RawData(points.astype(np.float32), labels, unit="the radius of the outer circle")


def _measurements(data: Any) -> RawData:
    """A table of measurements with classes."""
    names = tuple(str(name) for name in data.target_names)
    return RawData(_unit_range(data.data), data.target, class_names=names, unit=_RANGE)


def _unit_range(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """(v − min)/(max − min), column by column."""
    low, high = values.min(axis=0), values.max(axis=0)
    scaled: NDArray[np.float32] = ((values - low) / (high - low)).astype(np.float32)
    return scaled
