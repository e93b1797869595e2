from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.read_errors import reason_of
from lipbuild.data.record_store import CompressedRecords, FileRecords, RecordStore
from lipbuild.errors import RefusedError, UnusableError

_BATCH = 512


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
        except tf.errors.NotFoundError:
            raise UnusableError(f"{file}: there is no such file") from None
        except tf.errors.DataLossError as error:
            raise RefusedError(
                f"{file}: it is no whole TFRecord file: {reason_of(error)}",
                "if it is compressed, say so with `compression`",
            ) from None
        lengths.append(np.concatenate([np.zeros(0, np.int64), *own]))
    if not kept:
        raise RefusedError(f"{files[0]}: there are no records")
    columns = {name: np.concatenate([part[name] for part in kept]) for name in kept[0]}
    store: RecordStore = FileRecords(files, lengths)
    if compression is not None:
        store = CompressedRecords(files, compression, len(store))
    return Records(store, tuple(map(len, lengths)), columns)


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
