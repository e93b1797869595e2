from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.arrays import Npy
from lipbuild.data.mapped_features import MappedFeatures
from lipbuild.data.raw import RawData
from lipbuild.data.sources.image_unit import IMAGE_UNIT, check_pixels
from lipbuild.errors import RefusedError
from lipbuild.reading.arrays import read_array


def load_npy(spec: Npy, folder: Path, seed: int) -> RawData:
    """The arrays of one part after another; those of the inputs are mapped, not read.

    Raises:
        UnusableError: A file is missing or no array.
        RefusedError: It holds Python objects, which are never loaded, or parts do not fit each other.
    """
    names = ["features", "validation_features", "test_features"]
    given = spec.files()
    files = {name: folder / given[name] for name in names if name in given}
    inputs = {name: _array(path, name, mapped=True) for name, path in files.items()}
    labels = [
        _array(folder / given[name], name)
        for name in ("labels", "validation_labels", "test_labels")
        if name in given
    ]
    for array, own in zip(inputs.values(), labels, strict=True):
        if len(array) != len(own):
            raise RefusedError(
                f"{folder / spec.features}: there are {len(array)} samples and {len(own)} labels"
            )
    for name, array in inputs.items():
        if array.dtype.kind not in "iufb":
            raise RefusedError(f"{files[name]}: the features are {array.dtype}, and numbers are needed")
        if spec.pixels:
            check_pixels(array.dtype, files[name])
    if len({own.shape[1:] for own in labels}) > 1:
        raise RefusedError(f"{folder / spec.labels}: the labels of the parts have different shapes")
    weights = None
    if spec.weights is not None:
        own = _array(folder / spec.weights, "weights")
        # Only the training's samples are weighted.
        weights = np.concatenate([own, np.ones(sum(map(len, labels[1:])), np.float32)])
    counts = {name: len(array) for name, array in inputs.items()}
    divisor, unit = (255.0, IMAGE_UNIT) if spec.pixels else (1.0, RawData.unit)
    return RawData(
        MappedFeatures(list(inputs.values()), list(files.values()), divisor),
        np.concatenate(labels),
        test=counts.get("test_features"),
        validation=counts.get("validation_features"),
        weights=weights,
        unit=unit,
    )


def _array(path: Path, name: str, *, mapped: bool = False) -> NDArray[np.generic]:
    array = read_array(path, f"`data.source.npy.{name}` names it", mapped=mapped)
    if array.ndim == 0:
        raise RefusedError(f"{path}: it is a single value, and an array with samples first is needed")
    return array
