from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.streams import Tfds
from lipbuild.data.parts import GIVEN_PARTS
from lipbuild.data.raw import RawData
from lipbuild.data.read_records import read_records
from lipbuild.data.record_features import RecordFeatures
from lipbuild.data.sources.image_unit import IMAGE_UNIT
from lipbuild.data.sources.network import require_way_to
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.missing import install_command
from lipbuild.reading.json_file import read_json


def load_tfds(spec: Tfds, folder: Path, seed: int) -> RawData:
    """A prepared copy of a data set, downloaded where there is none and no folder is named.

    Its records are read as those of any TFRecord file, with the features that its own description declares.

    Raises:
        UnusableError: TensorFlow Datasets is not installed, or the data set is neither here nor can be downloaded.
        RefusedError: It has no such split or key, or its samples differ in shape.
    """
    tfds = _tensorflow_datasets()
    builder = _prepared(tfds, spec, folder)
    inputs, labels = _keys(builder, spec)
    wanted = {"train": spec.train, "validation": spec.validation, "test": spec.test}
    splits = {part: _split(builder, name, spec) for part, name in wanted.items() if name is not None}
    files = {part: [Path(path) for path in split.filepaths] for part, split in splits.items()}
    ordered = [file for part in GIVEN_PARTS for file in files.get(part, [])]
    features = builder.info.features
    skipped = {key: tfds.decode.SkipDecoding() for key in features if key != labels}

    def parse(batch: Any) -> dict[str, Any]:
        import tensorflow as tf

        kind = features[labels]
        return {
            "labels": tf.map_fn(
                lambda record: features.deserialize_example(record, decoders=skipped)[labels],
                batch,
                fn_output_signature=tf.TensorSpec(kind.shape, kind.dtype),
            )
        }

    records = read_records(ordered, parse)
    counts = iter(records.counts)
    sizes = {part: sum(next(counts) for _ in files[part]) for part in GIVEN_PARTS if part in files}
    decode, shape, dtype = _decoder(features, inputs)
    pixels = dtype == np.uint8
    names = getattr(features[labels], "names", None)
    return RawData(
        RecordFeatures(
            records.store,
            ordered,
            decode,
            shape,
            dtype,
            255.0 if pixels else 1.0,
            repr(spec),
            looked_at=False,
        ),
        _as_labels(records.columns["labels"]),
        test=sizes.get("test"),
        validation=sizes.get("validation"),
        class_names=tuple(names) if names else None,
        unit=IMAGE_UNIT if pixels else "the units of the data",
    )


def _tensorflow_datasets() -> Any:
    try:
        import tensorflow_datasets
    except ImportError as error:
        raise UnusableError(
            f"TensorFlow Datasets cannot be loaded: {error}", install_command("tfds")
        ) from None
    return tensorflow_datasets


def _prepared(tfds: Any, spec: Tfds, folder: Path) -> Any:
    """The builder of a copy that is there, or has just been made."""
    place = folder / spec.folder if spec.folder is not None else None
    cache = place or Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()
    _check_descriptions(cache / spec.name.partition(":")[0].partition("/")[0])
    try:
        builder = tfds.builder(spec.name, data_dir=str(cache), try_gcs=False)
        if builder.info.splits:
            return builder
        if place is None:
            for host in sorted({urlsplit(str(url)).hostname or "" for url in builder.url_infos} - {""})[:1]:
                require_way_to(host)
            # Its progress does not belong to the output that a command was asked for.
            with contextlib.redirect_stdout(sys.stderr):
                builder.download_and_prepare()
            return builder
    except UnusableError:
        raise
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UnusableError(
            f"`{spec.name}` is not in {cache}, and cannot be had: {reason}",
            "put a prepared copy there, or name its folder with `folder:`",
        ) from None
    raise UnusableError(
        f"{place}: it holds no prepared copy of `{spec.name}`",
        f"a copy is a folder such as {place}/{spec.name.partition(':')[0]}/1.0.0 with `features.json`",
    )


# Keys under which a description names Python classes, of today and of old. What is named is imported, unless it is
# a class of TensorFlow Datasets' own or no path to a module.
_CLASS_KEYS = ("pythonclassname", "type")
_OWN_CLASS = re.compile(r"tensorflow_datasets\.core\.[a-z0-9_.]+\.[A-Za-z0-9]+|[A-Za-z0-9_]*")


def _check_descriptions(place: Path) -> None:
    """Let through copies whose description names no foreign Python class, which would be imported.

    Raises:
        UnusableError: One names another.
    """
    for path in place.glob("**/features.json"):
        names = [
            value
            for key, value in _pairs(read_json(path))
            if key.lower().replace("_", "") in _CLASS_KEYS and not isinstance(value, (dict, list))
        ]
        for name in names:
            if not isinstance(name, str) or not _OWN_CLASS.fullmatch(name):
                raise UnusableError(f"{path}: it names the Python class `{name}`, which is not loaded")


def _pairs(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in ((key, inner), *_pairs(inner))]
    if isinstance(value, list):
        return [pair for inner in value for pair in _pairs(inner)]
    return []


def _keys(builder: Any, spec: Tfds) -> tuple[str, str]:
    """The keys of inputs and labels."""
    supervised = builder.info.supervised_keys or (None, None)
    inputs, labels = spec.features or supervised[0], spec.labels or supervised[1]
    there_are = ", ".join(f"`{key}`" for key in builder.info.features)
    for field, key in (("features", inputs), ("labels", labels)):
        if not isinstance(key, str) or key not in builder.info.features:
            what = f"no key `{key}`" if isinstance(key, str) else "no supervised form"
            raise RefusedError(f"`{spec.name}` has {what}", f"name one of {there_are} with `{field}:`")
    return str(inputs), str(labels)


def _split(builder: Any, name: str, spec: Tfds) -> Any:
    if name not in builder.info.splits:
        raise RefusedError(
            f"`{spec.name}` has no split `{name}`", f"its splits are {', '.join(builder.info.splits)}"
        )
    split = builder.info.splits[name]
    if str(builder.info.file_format.file_suffix) != "tfrecord":
        raise RefusedError(
            f"`{spec.name}` is prepared as {builder.info.file_format.file_suffix}, and `tfrecord` is read"
        )
    return split


def _decoder(features: Any, key: str) -> tuple[Callable[[Any], Any], tuple[int, ...], np.dtype[np.generic]]:
    """From records to inputs, the shape of one, and its type of number."""
    import tensorflow as tf
    import tensorflow_datasets as tfds

    kind = features[key]
    shape = kind.shape
    if not shape or None in shape:
        raise RefusedError(
            f"the samples of `{key}` differ in shape: {shape}", "write them as an image folder with `size`"
        )
    dtype = np.dtype(kind.np_dtype)
    if dtype.kind not in "iufb":
        raise RefusedError(f"the samples of `{key}` are {dtype}, and numbers are needed")
    skipped = {other: tfds.decode.SkipDecoding() for other in features if other != key}

    def decode(batch: Any) -> Any:
        return tf.map_fn(
            lambda record: features.deserialize_example(record, decoders=skipped)[key],
            batch,
            fn_output_signature=tf.TensorSpec(shape, dtype),
        )

    return decode, tuple(shape), dtype


def _as_labels(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype != object:
        return values
    return np.array([value.decode("utf-8", errors="replace") for value in values.ravel()])
