"""From features and labels to the parts of a data set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.choices import LossSpec
from lipbuild.config.sections import DataSection
from lipbuild.data.augmentation import Augmentation
from lipbuild.data.dataset import Dataset
from lipbuild.data.labels import Targets, read_targets
from lipbuild.data.mix import MixedData
from lipbuild.data.nearest_groups import nearest_groups
from lipbuild.data.part import Mixed, Part
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
    if len(raw.labels) < 2:
        raise RefusedError("there is 1 sample, and a part of them is held out")
    targets = read_targets(raw.labels, loss.task, units, raw.class_names)
    return make_dataset(raw, section, loss, units, targets, split_indices(raw, section, targets))


def make_dataset(
    raw: RawData,
    section: DataSection,
    loss: LossSpec,
    units: int,
    targets: Targets,
    parts: Parts,
    mixed: MixedData | None = None,
) -> Dataset:
    """The data of a source in parts that are known.

    Args:
        raw: Features and labels.
        section: What the samples count in the loss, and how they are augmented.
        loss: The loss, which says how it wants its labels.
        units: The number of the network's outputs.
        targets: The labels.
        parts: Which samples are in which part.
        mixed: The second source, if there is one.

    Raises:
        RefusedError: A weight is wrong.
    """
    features = raw.inputs
    classes = max(units, 2)

    def part(
        chosen: Indices,
        weights: NDArray[np.float32] | None = None,
        augmentation: Augmentation | None = None,
        among: Mixed | None = None,
    ) -> Part:
        values = targets.values[chosen]
        return Part(features, chosen, values, loss.labels, classes, weights, augmentation, among)

    return Dataset(
        train=part(
            parts.train,
            sample_weights(raw, section, targets, parts.train),
            Augmentation(section.augment) if section.augment else None,
            mixed.chosen(parts.mixed - len(raw.labels))
            if mixed is not None and parts.mixed is not None
            else None,
        ),
        validation=part(parts.validation) if parts.validation is not None else None,
        test=part(parts.test),
        class_names=targets.class_names,
        unit=raw.unit,
        source=raw.source,
        mixed_source=mixed.raw.source if mixed is not None else None,
    )


def split_indices(raw: RawData, section: DataSection, targets: Targets) -> Parts:
    """Which samples are the training's, the validation's and the test's.

    What the source itself keeps apart stays apart; the rest is drawn with the section's seed, as its `split` says.

    Raises:
        RefusedError: A part would be empty, a class has too few samples to be in each part, or `split` is given and
            nothing is drawn.
    """
    classes = targets.values if section.stratify and targets.class_names else None
    rest: Indices = np.arange(len(raw.labels), dtype=np.int64)
    test = validation = None
    if raw.test is not None:
        rest, test = rest[: len(rest) - raw.test], rest[len(rest) - raw.test :]
    if raw.validation is not None:
        rest, validation = rest[: len(rest) - raw.validation], rest[len(rest) - raw.validation :]
    draws_validation = validation is None and section.validation > 0
    if section.split is not None and test is not None and not draws_validation:
        raise RefusedError(
            "`data.split` says how parts are drawn, and none is: the source itself keeps them apart",
            "leave `data.split` out, or draw a validation part by `data.validation: 0.1`",
        )
    if test is None:
        rest, test = _draw(rest, section.test, "test", raw, section, classes)
    if draws_validation:
        rest, validation = _draw(rest, section.validation, "validation", raw, section, classes)
    return Parts(rest, validation, test).checked()


def _draw(
    indices: Indices,
    share: float,
    name: str,
    raw: RawData,
    section: DataSection,
    classes: NDArray[np.generic] | None,
) -> tuple[Indices, Indices]:
    """What is left of some samples, and a part that holds a share of them."""
    if section.split is None:
        return _split(indices, share, section.seed, name, classes)
    assert raw.parts_by is not None
    by = raw.parts_by[indices]
    if section.split.key == "time":
        held = _latest(by, share, section.split.name, name)
    else:
        held = _whole_groups(by, share, section, name, classes[indices] if classes is not None else None)
    return indices[~held], indices[held]


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


def _whole_groups(
    groups: NDArray[np.generic],
    share: float,
    section: DataSection,
    name: str,
    classes: NDArray[np.generic] | None,
) -> NDArray[np.bool_]:
    """The samples of groups that come nearest to a share, of each class where there are classes."""
    present, numbers = np.unique(groups, return_inverse=True)
    assert section.split is not None
    if len(present) < 2:
        raise RefusedError(
            f"all {len(groups)} samples that the {name} part is drawn from are of one group by "
            f"`{section.split.name}`",
            f"whole groups are drawn: name what has several, or leave `data.{name}` out"
            if name == "validation"
            else "whole groups are drawn: name what has several",
        )
    columns = np.zeros(len(groups), np.int64) if classes is None else classes.astype(np.int64)
    counts = np.zeros((len(present), int(columns.max()) + 1), np.int64)
    np.add.at(counts, (numbers, columns), 1)
    held: NDArray[np.bool_] = nearest_groups(counts, share, np.random.default_rng(section.seed))[numbers]
    return held


def _latest(times: NDArray[np.generic], share: float, by: str, name: str) -> NDArray[np.bool_]:
    """The last samples, as near to a share as samples of one time let it be."""
    present, counts = np.unique(times, return_counts=True)
    if len(present) < 2:
        raise RefusedError(
            f"all {len(times)} samples that the {name} part is drawn from have one time by `{by}`",
            "samples of one time stay together: name what has several times",
        )
    # So many samples are held where the part begins at each time but the first.
    held = counts[::-1].cumsum()[::-1][1:]
    begin = present[1:][np.abs(held - share * len(times)).argmin()]
    return np.asarray(times >= begin)
