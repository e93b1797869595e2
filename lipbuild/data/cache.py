"""Samples that have been decoded once, kept in a folder of the user's as an array that is mapped into memory."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from lipbuild.data.mapped_features import MappedFeatures
from lipbuild.data.streamed_features import StreamedFeatures
from lipbuild.errors import UnusableError


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
        if not path.is_file():
            _write(features, path, wanted)
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UnusableError(
            f"{path}: the cache cannot be used: {reason}", "name another folder in `data.cache`"
        ) from None
    if array.shape != wanted or array.dtype != features.dtype:
        raise UnusableError(f"{path}: this is no cache of this data", "remove it")
    return MappedFeatures([array], [path], features.divisor)


def _write(features: StreamedFeatures, path: Path, shape: tuple[int, ...]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.partial-{os.getpid()}")
    try:
        array = np.lib.format.open_memmap(partial, mode="w+", dtype=features.dtype, shape=shape)
        for chunk in features.chunks():
            array[chunk] = features.take_stored(np.arange(chunk.start, chunk.stop))
        array.flush()
        del array
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
