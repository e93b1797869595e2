"""Samples that have been decoded once, kept in a folder of the user's as an array that is mapped into memory."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import numpy as np

from lipbuild.data.mapped_features import MappedFeatures
from lipbuild.data.streamed_features import StreamedFeatures
from lipbuild.errors import LipbuildError, UnusableError
from lipbuild.reading.arrays import read_array


def cached(features: StreamedFeatures, folder: Path) -> MappedFeatures:
    """The same inputs from an array in a folder, which is made where it is not there.

    Its name tells it from that of any other files, sizes or ways of reading. It appears only when it is complete.

    Args:
        features: The inputs.
        folder: The folder.

    Raises:
        UnusableError: The folder cannot be written.
    """
    path = folder / f"{features.fingerprint[:32]}.npy"
    wanted = (len(features), *features.shape)
    try:
        if not path.exists():
            _write(features, path, wanted)
    except OSError as error:
        raise UnusableError(
            f"{path}: the cache cannot be used: {error.strerror or error}",
            "name another folder in `data.cache`",
        ) from None
    try:
        array = read_array(path, mapped=True)
    except LipbuildError as error:
        reason = error.message.removeprefix(f"{path}: ")
        raise UnusableError(
            f"{path}: the cache cannot be used: {reason}", "remove it, or name another folder in `data.cache`"
        ) from None
    if array.shape != wanted or array.dtype != features.dtype:
        raise UnusableError(f"{path}: this is not a cache of this data", "remove it")
    return MappedFeatures([array], [path], features.divisor)


def _write(features: StreamedFeatures, path: Path, shape: tuple[int, ...]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial(path)
    try:
        # It is written rather than mapped, so that a full disk is an error and not the end of the process.
        with partial.open("wb") as file:
            descr = np.lib.format.dtype_to_descr(features.dtype)
            header = {"descr": descr, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            for chunk in features.chunks():
                file.write(features.take_stored(np.arange(chunk.start, chunk.stop)).tobytes())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _partial(path: Path) -> Path:
    """What a cache is called until it is complete: several processes may be writing the same one."""
    return path.with_name(f".{path.stem}.partial-{uuid4().hex}")
