from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.arrays import Npz
from lipbuild.data.parts_by import array_texts, read_parts_by
from lipbuild.data.raw import RawData
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.text.suggest import nearest

_PARTS = ("train", "validation", "test")


def load_npz(spec: Npz, folder: Path, seed: int) -> RawData:
    """The arrays of a NumPy archive. Pickled objects are refused: reading one would run its code.

    Raises:
        UnusableError: The file is missing or no archive.
        RefusedError: It lacks the arrays, or they hold objects.
    """
    path = folder / spec.path
    try:
        archive = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise UnusableError(f"{path}: there is no such file", "`data.source.npz.path` names it") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        # What is none of NumPy's files NumPy takes for a pickle, and says how to load one.
        reason = "it is none" if isinstance(error, ValueError) else error
        raise UnusableError(
            f"{path}: it cannot be read as a NumPy archive: {reason}", "make one with `numpy.savez`"
        ) from None
    if isinstance(archive, np.ndarray):
        archive_kind = "one array (.npy), and an archive (.npz) with features and labels is needed"
        raise UnusableError(f"{path}: this is {archive_kind}", "save both with `numpy.savez`, or use `npy`")
    with archive:
        names = set(archive.files)
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


def _parts(archive: np.lib.npyio.NpzFile, spec: Npz, path: Path) -> RawData:
    found = [part for part in _PARTS if f"{spec.features}_{part}" in archive.files]
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
    archive: np.lib.npyio.NpzFile, spec: Npz, path: Path, ending: str, samples: int
) -> NDArray[np.generic] | None:
    """What parts are drawn by, of the samples that they are drawn from."""
    if spec.parts_by is None:
        return None
    name = spec.parts_by.name + ending
    if name not in archive.files:
        near = nearest(name, archive.files)
        advice = f"there is one with a similar name: `{near}`" if near else ""
        raise RefusedError(f"{path}: there is no array `{name}`, which parts are drawn by", advice)
    array = _array(archive, name, path)
    if array.shape != (samples,):
        raise RefusedError(f"{path}: `{name}` has the shape {array.shape}, and there are {samples} samples")
    return read_parts_by(spec.parts_by, array_texts(array), lambda row: f"{path}: `{name}`, sample {row}")


def _array(archive: np.lib.npyio.NpzFile, name: str, path: Path) -> NDArray[np.generic]:
    if name not in archive.files:
        raise _lacks(path, set(archive.files), [name])
    try:
        array: NDArray[np.generic] = archive[name]
    except (ValueError, OSError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise RefusedError(
            f"{path}: the array `{name}` cannot be read: {error}",
            "save arrays of numbers or of text: Python objects are never loaded",
        ) from None
    if array.ndim == 0:
        raise RefusedError(f"{path}: `{name}` is a single value, and an array with samples first is needed")
    return array


def _lacks(path: Path, names: set[str], needed: list[str], more: str = "") -> RefusedError:
    found = ", ".join(f"`{name}`" for name in sorted(names)) or "none"
    are = "is" if len(needed) == 1 else "are"
    wanted = " and ".join(f"`{name}`" for name in needed)
    advice = f"name them with `features:` and `labels:`{', ' if more else ''}{more}"
    return RefusedError(f"{path}: the archive has the arrays {found}, and {wanted} {are} needed", advice)
