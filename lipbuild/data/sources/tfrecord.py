from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.streams import TFRecord
from lipbuild.data.raw import RawData
from lipbuild.data.read_records import read_records
from lipbuild.data.record_features import RecordFeatures
from lipbuild.data.sources.image_unit import IMAGE_UNIT
from lipbuild.errors import RefusedError, UnusableError


def load_tfrecord(spec: TFRecord, folder: Path, seed: int) -> RawData:
    """The records of one part after another. Their labels are read at once, their inputs as they are needed.

    Raises:
        UnusableError: No file is there, or one cannot be read.
        RefusedError: A file is damaged, or a record is not as declared.
    """
    files = {name: _matching(folder, pattern, name) for name, pattern in spec.files().items()}
    named = [(part, file) for part in ("path", "validation", "test") for file in files.get(part, [])]
    ordered = [file for _, file in named]
    records = read_records(ordered, _parser(spec), spec.compression)
    counts: dict[str, int] = {}
    for (part, _), count in zip(named, records.counts, strict=True):
        counts[part] = counts.get(part, 0) + count
    decode, dtype, divisor = _decoder(spec)
    features = RecordFeatures(
        records.store,
        ordered,
        decode,
        tuple(spec.shape),
        np.dtype(dtype),
        divisor,
        repr(spec),
        looked_at=True,
    )
    return RawData(
        features,
        _labels(spec, records.columns["labels"]),
        test=counts.get("test"),
        validation=counts.get("validation"),
        unit=IMAGE_UNIT if spec.encoding == "image" else "the units of the data",
        weights=records.columns.get("weights"),
    )


def _matching(folder: Path, pattern: str, name: str) -> list[Path]:
    path = folder / pattern
    if not set("*?[") & set(pattern):
        return [path]
    found = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))) if path.is_absolute() else []
    found = found or sorted(folder.glob(pattern))
    if not found:
        raise UnusableError(f"{path}: there is no such file", f"`data.source.tfrecord.{name}` names it")
    return found


def _parser(spec: TFRecord) -> Callable[[Any], Mapping[str, Any]]:
    """Labels and weights, and a look at the inputs: their size, and that they are numbers."""
    import tensorflow as tf

    number = {"int64": tf.int64, "float32": tf.float32, "text": tf.string}[spec.label_encoding]
    schema = {
        spec.labels: tf.io.FixedLenFeature([spec.label_count] if spec.label_count > 1 else [], number),
        spec.features: _feature(spec),
    }
    if spec.weights is not None:
        schema[spec.weights] = tf.io.FixedLenFeature([], tf.float32)

    def parse(batch: Any) -> Mapping[str, Any]:
        parsed = tf.io.parse_example(batch, schema)
        values = parsed[spec.features]
        if spec.encoding == "uint8":
            size = int(np.prod(spec.shape))
            tf.debugging.assert_equal(
                tf.strings.length(values), size, f"`{spec.features}` must have {size} bytes"
            )
        elif spec.encoding == "float32":
            tf.debugging.assert_all_finite(values, f"`{spec.features}` holds NaN or infinite values")
        kept = {"labels": parsed[spec.labels]}
        if spec.weights is not None:
            kept["weights"] = parsed[spec.weights]
        return kept

    return parse


def _feature(spec: TFRecord) -> Any:
    import tensorflow as tf

    if spec.encoding in ("image", "uint8"):
        return tf.io.FixedLenFeature([], tf.string)
    return tf.io.FixedLenFeature(spec.shape, {"float32": tf.float32, "int64": tf.int64}[spec.encoding])


def _decoder(spec: TFRecord) -> tuple[Callable[[Any], Any], type[np.generic], float]:
    """From records to inputs, their type, and what they are divided by."""
    import tensorflow as tf

    from lipbuild.data.decode_image import decode_image

    schema = {spec.features: _feature(spec)}
    shape = tuple(spec.shape)

    def numbers(batch: Any) -> Any:
        return tf.io.parse_example(batch, schema)[spec.features]

    def pixels(batch: Any) -> Any:
        return tf.reshape(tf.io.decode_raw(numbers(batch), tf.uint8), [-1, *shape])

    def images(batch: Any) -> Any:
        return tf.map_fn(
            lambda content: decode_image(content, shape, resize=False),
            numbers(batch),
            fn_output_signature=tf.TensorSpec(shape, tf.uint8),
        )

    if spec.encoding == "image":
        if len(shape) != 3 or shape[2] not in (1, 3):
            raise RefusedError(
                f"`shape` of encoded images is [height, width, 1] or [height, width, 3], and this is {list(shape)}"
            )
        return images, np.uint8, 255.0
    if spec.encoding == "uint8":
        return pixels, np.uint8, 1.0
    return numbers, np.float32 if spec.encoding == "float32" else np.int64, 1.0


def _labels(spec: TFRecord, values: NDArray[Any]) -> NDArray[Any]:
    if spec.label_encoding != "text":
        return values
    flat = [value.decode("utf-8", errors="replace") for value in values.ravel()]
    return np.array(flat).reshape(values.shape)
