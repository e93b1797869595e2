"""The second source of a config, whose samples are mixed into the training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.choices import Task
from lipbuild.config.mix import MixSection
from lipbuild.config.sections import DataSection
from lipbuild.config.sources.input_column import told_apart
from lipbuild.config.sources.tables import TableSpec
from lipbuild.data.contract.identities import Identities, identify, mixed_labels
from lipbuild.data.contract.key import Key
from lipbuild.data.contract.labels import targets_by_name
from lipbuild.data.features import Features
from lipbuild.data.labels import Targets, read_targets
from lipbuild.data.learn_fill import fill
from lipbuild.data.load import load_raw, match_shape, naming_file
from lipbuild.data.part import Mixed
from lipbuild.data.parts import Indices
from lipbuild.data.raw import RawData
from lipbuild.data.sources.image_unit import IMAGE_UNIT
from lipbuild.data.weights import sample_weights
from lipbuild.errors import RefusedError
from lipbuild.network.shapes import format_shape

_VALUES = 8_000_000


@dataclass(frozen=True)
class MixedData:
    """The samples of a second source, which fit those of the first.

    Attributes:
        section: The config's section of data, with the second source in place of the first.
        mix: What the config says of it.
        raw: Its samples.
        targets: Their labels, by the codes of the first source.
        labels: What stands for each in a digest.
    """

    section: DataSection
    mix: MixSection
    raw: RawData
    targets: Targets
    labels: list[bytes]

    @property
    def training(self) -> Indices:
        """The samples that the second source has for a training: not those of its own test or validation set."""
        held = (self.raw.test or 0) + (self.raw.validation or 0)
        return np.arange(len(self.targets.values) - held, dtype=np.int64)

    def identify(self, key: Key) -> Identities:
        """What tells each sample from all others, those of the first source included."""
        return identify(self.raw.inputs, mixed_labels(self.labels), key)

    def chosen(self, indices: Indices) -> Mixed:
        """Some of the samples, as a training takes them.

        Raises:
            RefusedError: A weight is wrong.
        """
        weights = sample_weights(self.raw, self.section, self.targets, indices)
        return Mixed(self.raw.inputs, indices, self.targets.values[indices], weights, self.mix)

    def name_of(self, number: int) -> str:
        """What a sample is called."""
        return f"mixed {self.raw.names[number]}" if self.raw.names else f"mixed sample {number}"


def load_mixed(
    section: DataSection, folder: Path, first: RawData, classes: tuple[str, ...], task: Task, units: int
) -> MixedData | None:
    """The second source of a config, where it has one.

    Args:
        section: What the config says of its data.
        folder: Where relative paths start.
        first: The samples of the first source, in the shape that the network takes and filled.
        classes: The names of its classes in the order of their codes; empty for numbers to predict.
        task: What the loss learns.
        units: The number of the network's outputs.

    Raises:
        RefusedError: Its samples do not fit those of the first; the message says what differs.
        UnusableError: A file is missing or cannot be read.
    """
    if section.mix is None:
        return None
    source = section.mix.source
    own = section.model_copy(update={"source": source, "mix": None})
    raw = load_raw(own, folder)
    with naming_file(own, folder):
        raw = _filled(raw, first)
        if raw.columns != first.columns:
            ours, theirs = told_apart(raw.columns, first.columns)
            raise RefusedError(
                f"the columns of `data.mix.source` are {ours}, and those of `data.source` {theirs}",
                "give both `features`, `categories`, `fill`, `indicator` and `units` in the same way",
            )
        raw = _shaped(raw, first)
        if first.unit == IMAGE_UNIT and raw.unit != IMAGE_UNIT:
            _check_range(raw.inputs)
        if task == "regression":
            targets = read_targets(raw.labels, task, units, raw.class_names)
            labels = [row.tobytes() for row in np.asarray(targets.values, "<f4")]
        else:
            _check_names(raw.class_names, classes)
            # Numbers without names are the codes of the first source's classes.
            names = raw.class_names or first.class_names
            targets, labels = targets_by_name(raw.labels, task, units, names, classes)
            _check_classes(targets.values, labels, classes)
    return MixedData(own, section.mix, raw, targets, labels)


def _filled(raw: RawData, first: RawData) -> RawData:
    """The samples with missing cells filled by what fills those of the first source."""
    if not (isinstance(first.source, TableSpec) and isinstance(raw.source, TableSpec)):
        return raw
    values = {name: one.value for name, one in first.source.fillings.items() if one.value is not None}
    return fill(raw, values) if raw.source.fillings else raw


def _shaped(raw: RawData, first: RawData) -> RawData:
    """The samples in the shape of the first source's."""
    try:
        return match_shape(raw, first.sample_shape)
    except RefusedError:
        raise RefusedError(
            f"a sample of `data.mix.source` is {format_shape(raw.sample_shape)}, and one of `data.source` "
            f"{format_shape(first.sample_shape)}",
            "mix in samples of the same shape",
        ) from None


def _check_range(features: Features) -> None:
    """Let values through that may be pixels in [0, 1]."""
    size = max(1, _VALUES // max(1, int(np.prod(features.shape))))
    for start in range(0, len(features), size):
        x = features.take(np.arange(start, min(start + size, len(features))))
        least, greatest = float(x.min()), float(x.max())
        if least < 0.0 or greatest > 1.0:
            raise RefusedError(
                f"the pixels of `data.source` are in [0, 1], and `data.mix.source` has values from {least:g} to "
                f"{greatest:g}",
                "give pixels of one byte by `pixels: true` (`npz`, `npy`), or divide the others",
            )


def _check_names(names: tuple[str, ...] | None, classes: tuple[str, ...]) -> None:
    """Let names of classes through of which the first source has any: their order alone says nothing."""
    if names is not None and not set(names) & set(classes):
        raise RefusedError(
            f"the classes of `data.mix.source` are {_some(names)}, and those of `data.source` {_some(classes)}",
            "give both the same names, or numbers to what is mixed in",
        )


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:20]) + (", …" if len(names) > 20 else "")


def _check_classes(codes: NDArray[np.generic], labels: list[bytes], classes: tuple[str, ...]) -> None:
    wrong = np.flatnonzero(codes == -1)
    if len(wrong):
        raise RefusedError(
            f"{len(wrong)} of the {len(codes)} samples of `data.mix.source` are of no class of `data.source`; the "
            f"first is sample {wrong[0]}, of `{labels[int(wrong[0])].decode()}`",
            f"the classes are {_some(classes)}",
        )
