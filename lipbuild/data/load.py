"""From the data section of a config to its features and labels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sections import DataSection
from lipbuild.config.sources.tables import TableSpec
from lipbuild.data.array_features import ArrayFeatures
from lipbuild.data.cache import cached
from lipbuild.data.features import Features
from lipbuild.data.finite import check_finite
from lipbuild.data.raw import RawData
from lipbuild.data.sources import loader_of
from lipbuild.data.streamed_features import StreamedFeatures
from lipbuild.errors import RefusedError
from lipbuild.network.shapes import Shape, format_shape

# As many bytes of decoded samples are read into memory where the config leaves it open.
IN_MEMORY = 2 * 2**30


def load_raw(section: DataSection, folder: Path, *, finite: bool = True) -> RawData:
    """Features and labels of a source, checked: numbers, finite, as many labels as samples.

    Args:
        section: Where the data comes from.
        folder: Where relative paths start.
        finite: Whether NaN and infinite values are refused; NaN is let through where it is still to be filled.

    Raises:
        UnusableError: A file is missing or cannot be read.
        RefusedError: The data cannot be learnt from; the message says what is wrong with which sample.
    """
    with naming_file(section, folder):
        return _loaded(section, folder, finite=finite)


@contextmanager
def naming_file(section: DataSection, folder: Path) -> Iterator[None]:
    """Let a message about the data begin with its file, where it does not name one.

    Args:
        section: Where the data comes from.
        folder: Where relative paths start.

    Raises:
        RefusedError: What was raised, with the file.
    """
    try:
        yield
    except RefusedError as error:
        files = [str(folder / path) for path in section.source.files().values()]
        if not files or any(file in error.message for file in files):
            raise
        raise RefusedError(f"{files[0]}: {error.message}", error.help) from None


def _loaded(section: DataSection, folder: Path, *, finite: bool) -> RawData:
    raw = loader_of(section.source.source_name)(section.source, folder, section.seed)
    features = raw.features
    if isinstance(features, StreamedFeatures) and section.cache is not None:
        features = cached(features, folder / section.cache)
    if isinstance(features, StreamedFeatures) and not _is_streamed(features, section):
        features = features.load()
    if isinstance(features, StreamedFeatures) and not features.any_order:
        raise RefusedError(
            "compressed records cannot be streamed: each is found only by way of those before it",
            "give `data.cache`, a folder in which they are kept decoded, decompress them, or read all of them into "
            "memory by `data.stream: false`",
        )
    if not isinstance(features, Features):
        features = _numbers(features)
    if 0 in features.shape[1:]:
        raise RefusedError(
            f"the samples have no features: their shape is {format_shape(tuple(features.shape[1:]))}",
            "a sample needs a number at least",
        )
    if finite:
        filled = isinstance(raw.source, TableSpec) and bool(raw.source.fillings)
        check_finite(features if isinstance(features, Features) else ArrayFeatures(features), filled=filled)
    if len(features) != len(raw.labels):
        raise RefusedError(
            f"`{section.source.source_name}`: there are {len(features)} samples and {len(raw.labels)} labels",
            "each sample needs a label",
        )
    _check_labels(raw.labels)
    if not len(features):
        raise RefusedError("there are no samples")
    return replace(raw, features=features)


def _check_labels(labels: NDArray[np.generic]) -> None:
    """Let labels through that are numbers or text, some for each sample."""
    if labels.dtype.kind not in "iufbUSO":
        raise RefusedError(f"the labels are {labels.dtype}, and numbers or text are needed")
    if 0 in labels.shape[1:]:
        raise RefusedError(f"the samples have no labels: their shape is {labels.shape}")


def _is_streamed(features: StreamedFeatures, section: DataSection) -> bool:
    """What the config says, or whether the samples take much memory: as much on every machine."""
    return features.decoded_bytes > IN_MEMORY if section.stream == "auto" else section.stream


def _numbers(features: NDArray[np.generic]) -> NDArray[np.generic]:
    """Inputs in memory: pixels of one byte as they are, other numbers as float32."""
    if features.dtype.kind not in "iufb":
        raise RefusedError(f"the features are {features.dtype}, and numbers are needed")
    if features.ndim < 2:
        raise RefusedError(f"the features have the shape {features.shape}, and samples come first")
    # What is beyond float32 becomes infinite, which is looked for.
    with np.errstate(over="ignore"):
        return features if features.dtype == np.uint8 else features.astype(np.float32, copy=False)


def match_shape(raw: RawData, shape: Shape) -> RawData:
    """The data in the shape that a network takes: images without a channel are given one.

    Raises:
        RefusedError: A sample has another shape.
    """
    features = raw.features
    found: Shape = raw.sample_shape
    if len(found) + 1 == len(shape) and shape[-1] == 1:
        features = features.with_channel() if isinstance(features, Features) else features[..., np.newaxis]
        found = (*found, 1)
    if len(found) != len(shape) or any(a is not None and a != b for a, b in zip(shape, found)):
        raise RefusedError(
            f"a sample of the data is {format_shape(raw.sample_shape)}, and the network takes "
            f"{format_shape(shape)}",
            "correct `model.input`, or leave it out: it is taken from the data",
        )
    return replace(raw, features=features)
