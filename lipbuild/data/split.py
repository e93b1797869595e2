"""From features and labels to the parts of a data set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.choices import LossSpec
from lipbuild.config.sections import DataSection
from lipbuild.data.array_features import ArrayFeatures
from lipbuild.data.augmentation import Augmentation
from lipbuild.data.dataset import Dataset
from lipbuild.data.features import Features
from lipbuild.data.labels import Targets, read_targets
from lipbuild.data.part import Part
from lipbuild.data.parts import Indices, Parts
from lipbuild.data.raw import RawData
from lipbuild.data.weights import sample_weights
from lipbuild.errors import RefusedError


def split_data(raw: RawData, section: DataSection, loss: LossSpec, units: int) -> Dataset:
    """The data of a source, split and encoded for a loss.

    Args:
        raw: Features and labels.
        section: The shares of the parts, and the seed that they are drawn with.
        loss: The loss, which says how it wants its labels.
        units: The number of the network's outputs.

    Raises:
        RefusedError: The labels do not fit the loss or the outputs, or a part would be empty.
    """
    targets = read_targets(raw.labels, loss.task, units, raw.class_names)
    return make_dataset(raw, section, loss, units, targets, split_indices(raw, section, targets))


def make_dataset(
    raw: RawData, section: DataSection, loss: LossSpec, units: int, targets: Targets, parts: Parts
) -> Dataset:
    """The data of a source in parts that are known.

    Args:
        raw: Features and labels.
        section: What the samples count in the loss, and how they are augmented.
        loss: The loss, which says how it wants its labels.
        units: The number of the network's outputs.
        targets: The labels.
        parts: Which samples are in which part.

    Raises:
        RefusedError: A weight is wrong.
    """
    features = raw.features if isinstance(raw.features, Features) else ArrayFeatures(raw.features)
    classes = max(units, 2)

    def part(
        chosen: Indices, weights: NDArray[np.float32] | None = None, augmentation: Augmentation | None = None
    ) -> Part:
        return Part(features, chosen, targets.values[chosen], loss.labels, classes, weights, augmentation)

    return Dataset(
        train=part(
            parts.train,
            sample_weights(raw, section, targets, parts.train),
            Augmentation(section.augment) if section.augment else None,
        ),
        validation=part(parts.validation) if parts.validation is not None else None,
        test=part(parts.test),
        class_names=targets.class_names,
        unit=raw.unit,
    )


def split_indices(raw: RawData, section: DataSection, targets: Targets) -> Parts:
    """Which samples are the training's, the validation's and the test's.

    What the source itself keeps apart stays apart; the rest is drawn with the section's seed.

    Raises:
        RefusedError: A part would be empty, or a class has too few samples to be in each part.
    """
    classes = targets.values if section.stratify and targets.class_names else None
    rest: Indices = np.arange(len(raw.labels), dtype=np.int64)
    test = validation = None
    if raw.test is not None:
        rest, test = rest[: len(rest) - raw.test], rest[len(rest) - raw.test :]
    if raw.validation is not None:
        rest, validation = rest[: len(rest) - raw.validation], rest[len(rest) - raw.validation :]
    if test is None:
        rest, test = _split(rest, section.test, section.seed, "test", classes)
    if validation is None and section.validation > 0:
        rest, validation = _split(rest, section.validation, section.seed, "validation", classes)
    return Parts(rest, validation, test).checked()


def _split(
    indices: Indices, share: float, seed: int, name: str, classes: NDArray[np.generic] | None
) -> tuple[Indices, Indices]:
    from sklearn.model_selection import train_test_split

    try:
        rest, held = train_test_split(
            indices,
            test_size=share,
            random_state=seed,
            stratify=None if classes is None else classes[indices],
        )
    except ValueError:
        few = "" if classes is None else " with every class in each"
        raise RefusedError(
            f"{len(indices)} samples cannot be split into a {name} share of {share:g} and a rest{few}",
            f"change `data.{name}`" + (" or leave `data.stratify` out" if few else ""),
        ) from None
    return rest, held
