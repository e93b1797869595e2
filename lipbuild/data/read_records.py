from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.read_errors import reason_of
from lipbuild.data.record_store import CompressedRecords, FileRecords, RecordStore
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.reading.file import check_file, read_errors

_BATCH = 512
_CHUNK = 2**20


@dataclass(frozen=True)
class Records:
    """Records, and what is kept of each in memory.

    Attributes:
        store: The records.
        counts: How many are in each file.
        columns: What was parsed of each, by name, records first.
    """

    store: RecordStore
    counts: tuple[int, ...]
    columns: Mapping[str, NDArray[Any]]


def read_records(
    files: Sequence[Path], parse: Callable[[Any], Mapping[str, Any]], compression: str | None = None
) -> Records:
    """Go through TFRecord files once: their checksums, where each record is, and a few values of each.

    Args:
        files: The files.
        parse: A batch of records (strings) to what is to be kept, as a TensorFlow function.
        compression: `GZIP`, `ZLIB` or None.

    Raises:
        UnusableError: A file is missing or cannot be read.
        RefusedError: A file is damaged, a record lacks what is declared, or there are no records.
    """
    import tensorflow as tf

    lengths: list[NDArray[np.int64]] = []
    kept: list[Mapping[str, NDArray[Any]]] = []
    for file in files:
        own: list[NDArray[np.int64]] = []
        size = check_file(file)
        with read_errors(file):
            if compression is None:
                _check_places(file, size)
            else:
                _check_compressed(file, compression)
        try:
            for batch in tf.data.TFRecordDataset(str(file), compression_type=compression or "").batch(_BATCH):
                try:
                    kept.append({name: value.numpy() for name, value in parse(batch).items()})
                except tf.errors.InvalidArgumentError as error:
                    number, reason = _first_bad(batch, parse, reason_of(error))
                    raise RefusedError(
                        f"{file}: record {sum(map(len, own)) + number} is not as declared: {reason}",
                        "records are counted from 1",
                    ) from None
                own.append(tf.strings.length(batch).numpy().astype(np.int64))
        except tf.errors.DataLossError as error:
            raise _damaged(file, reason_of(error)) from None
        except tf.errors.OpError as error:
            raise UnusableError(f"{file}: it cannot be read: {reason_of(error)}") from None
        lengths.append(np.concatenate([np.zeros(0, np.int64), *own]))
    if not kept:
        raise RefusedError(f"{files[0]}: there are no records")
    columns = {name: np.concatenate([part[name] for part in kept]) for name in kept[0]}
    store: RecordStore = FileRecords(files, lengths)
    if compression is not None:
        store = CompressedRecords(files, compression, len(store))
    return Records(store, tuple(map(len, lengths)), columns)


def _check_places(file: Path, size: int) -> None:
    """Let a file through whose records lie one behind the other to its end.

    TensorFlow makes room for what a length says before it reads.

    Raises:
        RefusedError: One would end behind the end.
    """
    if not size:
        return
    at, number = 0, 1
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        while at < size:
            end = at + FileRecords.HEAD
            length = int.from_bytes(content[at : at + 8], "little")
            at = end + length + FileRecords.TAIL
            if end > size or at > size:
                raise _damaged(file, f"record {number} ends behind the end of the file")
            number += 1


def _check_compressed(file: Path, compression: str) -> None:
    """Let a file through that is whole: of one that ends too early TensorFlow reads what there is.

    Raises:
        RefusedError: It is not, or a record would end behind its end.
    """
    rest, head, number = 0, b"", 0
    try:
        for part in _unpacked(file, compression):
            at = 0
            while at < len(part):
                if rest:
                    step = min(rest, len(part) - at)
                    rest, at = rest - step, at + step
                    continue
                added = part[at : at + FileRecords.HEAD - len(head)]
                head, at = head + added, at + len(added)
                if len(head) == FileRecords.HEAD:
                    rest, head = int.from_bytes(head[:8], "little") + FileRecords.TAIL, b""
                    number += 1
    except zlib.error as error:
        raise _damaged(file, str(error)) from None
    if rest or head:
        raise _damaged(file, f"record {number + bool(head)} ends behind the end of the file")


def _unpacked(file: Path, compression: str) -> Iterator[bytes]:
    """The content of a compressed file, piece by piece."""
    kind = zlib.MAX_WBITS + (16 if compression == "GZIP" else 0)
    unpacking = zlib.decompressobj(kind)
    with file.open("rb") as opened:
        while packed := unpacking.unconsumed_tail or unpacking.unused_data or opened.read(_CHUNK):
            if unpacking.eof:
                # Files of gzip may follow each other.
                unpacking = zlib.decompressobj(kind)
            yield unpacking.decompress(packed, _CHUNK)
    if not unpacking.eof:
        raise zlib.error("it ends too early")


def _damaged(file: Path, reason: str) -> RefusedError:
    return RefusedError(
        f"{file}: it is not a complete TFRecord file: {reason}",
        "if it is compressed, say so with `compression`",
    )


def _first_bad(batch: Any, parse: Callable[[Any], Mapping[str, Any]], reason: str) -> tuple[int, str]:
    """The number, from 1, of the first record of a batch that cannot be parsed, and why."""
    import tensorflow as tf

    for number, record in enumerate(batch, 1):
        try:
            parse(record[tf.newaxis])
        except tf.errors.InvalidArgumentError as error:
            # It is alone in its batch: the place that TensorFlow counts there says nothing.
            return number, re.sub(r"Name: <unknown>, |,? Index: \d+(?=\.)", "", reason_of(error))
    return 1, reason
