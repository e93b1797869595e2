"""Records of TFRecord files, any of them at any time."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class RecordStore(Protocol):
    """Records by their numbers.

    Attributes:
        any_order: Whether any record is as quickly read as the next one.
    """

    any_order: bool

    def __len__(self) -> int: ...

    def read(self, indices: NDArray[np.int64]) -> list[bytes]:
        """The contents of some records."""
        ...


class FileRecords:
    """Records that stay in their files, which are mapped into memory page by page.

    A record is its length (8 bytes), a checksum (4), its content, and another checksum (4).

    Args:
        files: The files, not compressed.
        lengths: For each file the lengths of its records, in their order.
    """

    HEAD, TAIL = 12, 4
    any_order = True

    def __init__(self, files: Sequence[Path], lengths: Sequence[NDArray[np.int64]]) -> None:
        self._maps: dict[int, mmap.mmap] = {}
        self._files = tuple(files)
        self._lengths = np.concatenate([np.zeros(0, np.int64), *lengths])
        self._file = np.repeat(np.arange(len(files)), [len(own) for own in lengths])
        starts = [
            np.cumsum(own + self.HEAD + self.TAIL) - own - self.TAIL for own in lengths
        ]  # where each content begins
        self._starts = np.concatenate([np.zeros(0, np.int64), *starts])

    def __len__(self) -> int:
        return len(self._lengths)

    def read(self, indices: NDArray[np.int64]) -> list[bytes]:
        """The contents of some records."""
        contents = []
        for index in indices:
            start = int(self._starts[index])
            contents.append(self._map(int(self._file[index]))[start : start + int(self._lengths[index])])
        return contents

    def _map(self, number: int) -> mmap.mmap:
        if number not in self._maps:
            with self._files[number].open("rb") as file:
                self._maps[number] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return self._maps[number]


class CompressedRecords:
    """Records of compressed files, which can only be gone through from the first on.

    Args:
        files: The files.
        compression: `GZIP` or `ZLIB`.
        samples: The number of their records.
    """

    any_order = False

    def __init__(self, files: Sequence[Path], compression: str, samples: int) -> None:
        self._names = [str(file) for file in files]
        self._compression = compression
        self._samples = samples
        self._rest: Iterator[bytes] = iter(())
        self._next = samples
        self._lock = Lock()

    def __len__(self) -> int:
        return self._samples

    def read(self, indices: NDArray[np.int64]) -> list[bytes]:
        """The contents of some records: quickly where they follow those that were read before."""
        with self._lock:
            return self._read(indices)

    def _read(self, indices: NDArray[np.int64]) -> list[bytes]:
        wanted = set(indices.tolist())
        if not wanted:
            return []
        if min(wanted) < self._next:
            self._rest, self._next = self._from_the_first(), 0
        contents = {}
        for number in range(self._next, max(wanted) + 1):
            content = next(self._rest)
            if number in wanted:
                contents[number] = content
        self._next = max(wanted) + 1
        return [contents[index] for index in indices.tolist()]

    def _from_the_first(self) -> Iterator[bytes]:
        import tensorflow as tf

        data = tf.data.TFRecordDataset(self._names, compression_type=self._compression)
        contents: Iterator[bytes] = data.as_numpy_iterator()
        return contents
