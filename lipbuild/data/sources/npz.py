from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.arrays import Npz
from lipbuild.data.array_features import ArrayFeatures
from lipbuild.data.parts import GIVEN_PARTS
from lipbuild.data.parts_by import array_texts, read_parts_by
from lipbuild.data.raw import RawData
from lipbuild.data.sources.image_unit import IMAGE_UNIT, check_pixels
from lipbuild.errors import RefusedError
from lipbuild.reading.arrays import Archive, open_archive
from lipbuild.text.suggest import nearest


def load_npz(spec: Npz, folder: Path, seed: int) -> RawData:
    """The arrays of a NumPy archive. Pickled objects are refused: reading one would run its code.

    Raises:
        UnusableError: The file is missing or no archive.
        RefusedError: It lacks the arrays, or they hold objects, or other numbers than the source says.
    """
    raw = _load(spec, folder / spec.path)
    if not spec.pixels:
        return raw
    inputs = np.asarray(raw.features)
    check_pixels(inputs.dtype, folder / spec.path)
    return replace(raw, features=ArrayFeatures(inputs, 255.0), unit=IMAGE_UNIT)


def _load(spec: Npz, path: Path) -> RawData:
    with open_archive(path, "`data.source.npz.path` names it; `numpy.savez` makes one") as archive:
        names = set(archive.names)
        if {spec.features, spec.labels} <= names:
            labels = _array(archive, spec.labels, path)
            return RawData(
                _array(archive, spec.features, path),
                labels,
                weights=_array(archive, spec.weights, path) if spec.weights is not None else None,
                parts_by=_parts_by(archive, spec, path, "", len(labels)),
            )
        split = [f"{name}_{part}" for part in ("train", "test") for name in (spec.features, spec.labels)]
        if set(split) <= names:
            return _parts(archive, spec, path)
    raise _lacks(path, names, [spec.features, spec.labels], f"or save `{'`, `'.join(split)}`")


def _parts(archive: Archive, spec: Npz, path: Path) -> RawData:
    found = [part for part in GIVEN_PARTS if f"{spec.features}_{part}" in archive.names]
    inputs = [_array(archive, f"{spec.features}_{part}", path) for part in found]
    labels = [_array(archive, f"{spec.labels}_{part}", path) for part in found]
    if len({x.shape[1:] for x in inputs}) > 1 or len({y.shape[1:] for y in labels}) > 1:
        raise RefusedError(f"{path}: the training and the test arrays have different shapes")
    for part, x, y in zip(found, inputs, labels):
        if len(x) != len(y):
            raise RefusedError(f"{path}: the {part} part has {len(x)} samples and {len(y)} labels")
    weights = None
    if spec.weights is not None:
        # Only the training's samples are weighted.
        own = _array(archive, f"{spec.weights}_train", path)
        weights = np.concatenate([own, np.ones(sum(map(len, inputs[1:])))])
    return RawData(
        np.concatenate(inputs),
        np.concatenate(labels),
        test=len(inputs[-1]),
        validation=len(inputs[1]) if "validation" in found else None,
        weights=weights,
        parts_by=_parts_by(archive, spec, path, "_train", len(labels[0])),
    )


def _parts_by(
    archive: Archive, spec: Npz, path: Path, ending: str, samples: int
) -> NDArray[np.generic] | None:
    """What parts are drawn by, of the samples that they are drawn from."""
    if spec.parts_by is None:
        return None
    name = spec.parts_by.name + ending
    if name not in archive.names:
        near = nearest(name, archive.names)
        advice = f"there is one with a similar name: `{near}`" if near else ""
        raise RefusedError(f"{path}: there is no array `{name}`, which parts are drawn by", advice)
    array = _array(archive, name, path)
    if array.shape != (samples,):
        raise RefusedError(f"{path}: `{name}` has the shape {array.shape}, and there are {samples} samples")
    return read_parts_by(spec.parts_by, array_texts(array), lambda row: f"{path}: `{name}`, sample {row}")


def _array(archive: Archive, name: str, path: Path) -> NDArray[np.generic]:
    if name not in archive:
        raise _lacks(path, set(archive.names), [name])
    array = archive.array(name)
    if array.ndim == 0:
        raise RefusedError(f"{path}: `{name}` is a single value, and an array with samples first is needed")
    return array


def _lacks(path: Path, names: set[str], needed: list[str], more: str = "") -> RefusedError:
    found = ", ".join(f"`{name}`" for name in sorted(names)) or "none"
    are = "is" if len(needed) == 1 else "are"
    wanted = " and ".join(f"`{name}`" for name in needed)
    advice = f"name them with `features:` and `labels:`{', ' if more else ''}{more}"
    return RefusedError(f"{path}: the archive has the arrays {found}, and {wanted} {are} needed", advice)
