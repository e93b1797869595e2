"""How data is split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from lipbuild.config.choices import LOSSES
from lipbuild.config.sections import DataSection
from lipbuild.config.sources import SOURCES
from lipbuild.data.load import load_raw, match_shape
from lipbuild.data.raw import RawData
from lipbuild.data.split import split_data
from lipbuild.errors import RefusedError

LOSS = LOSSES["TauCategoricalCrossentropy"](tau=1.0)


def digits(**arguments: object) -> DataSection:
    return DataSection(source=SOURCES["digits"](), **arguments)


def test_the_held_out_fifth_is_scikit_learns() -> None:
    section = digits()
    raw = load_raw(section, Path())
    data = split_data(raw, section, LOSS, 10)
    _, test = train_test_split(np.arange(1797), test_size=0.2, random_state=0)
    assert np.array_equal(data.test.x, raw.features[test])
    assert len(data.train) + len(data.test) == 1797
    assert data.validation is None
    assert data.watched is data.test


def test_a_validation_share_is_taken_from_the_rest() -> None:
    section = digits(validation=0.25)
    data = split_data(load_raw(section, Path()), section, LOSS, 10)
    assert data.validation is not None
    assert data.watched is data.validation
    assert len(data.test) == 360
    assert len(data.validation) == 360
    parts = np.concatenate([p.x.reshape(len(p), -1) for p in (data.train, data.validation, data.test)])
    assert len(parts) == 1797


def test_the_split_depends_on_its_own_seed_alone() -> None:
    raw = load_raw(digits(), Path())
    first, again, other = (split_data(raw, digits(seed=s), LOSS, 10).test.x for s in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_part_that_would_be_empty_is_refused() -> None:
    raw = RawData(np.zeros((3, 2), np.float32), np.array([0, 1, 0]))
    section = digits(test=0.5, validation=0.9)
    with pytest.raises(RefusedError, match="1 samples cannot be split into a validation share"):
        split_data(raw, section, LOSSES["HKR"](alpha=1.0), 1)


def test_images_without_a_channel_are_given_one() -> None:
    raw = RawData(np.zeros((3, 4, 4), np.float32), np.zeros(3))
    assert match_shape(raw, (4, 4, 1)).features.shape == (3, 4, 4, 1)
    with pytest.raises(RefusedError, match="4×4, and the network takes 5×5×1"):
        match_shape(raw, (5, 5, 1))


def test_stratified_parts_have_the_classes_in_the_same_shares() -> None:
    labels = np.repeat([0, 1, 2], [10, 30, 60])
    raw = RawData(np.zeros((100, 2), np.float32), labels)
    section = digits(test=0.2, validation=0.25, stratify=True)
    data = split_data(raw, section, LOSS, 3)
    assert data.validation is not None
    for part, share in ((data.train, 0.6), (data.validation, 0.2), (data.test, 0.2)):
        assert np.bincount(part.targets.astype(int)).tolist() == [round(share * n) for n in (10, 30, 60)]


def test_a_class_too_small_for_its_parts_is_refused() -> None:
    raw = RawData(np.zeros((9, 2), np.float32), np.array([0, 0, 0, 0, 1, 1, 1, 1, 2]))
    with pytest.raises(RefusedError, match="with every class in each"):
        split_data(raw, digits(stratify=True), LOSS, 3)


def test_what_a_source_keeps_apart_stays_apart() -> None:
    raw = RawData(np.arange(10, dtype=np.float32)[:, None], np.arange(10) % 2, test=3, validation=2)
    data = split_data(raw, digits(test=0.5, validation=0.5), LOSSES["HKR"](alpha=1.0), 1)
    assert data.validation is not None
    assert data.train.x[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert data.validation.x[:, 0].tolist() == [5, 6]
    assert data.test.x[:, 0].tolist() == [7, 8, 9]
    empty = RawData(np.zeros((4, 1), np.float32), np.arange(4) % 2, test=4)
    with pytest.raises(RefusedError, match="the training part of the data has no samples"):
        split_data(empty, digits(), LOSSES["HKR"](alpha=1.0), 1)


def weighted(classes: object, weights: np.ndarray | None = None, loss: str = "HKR") -> np.ndarray | None:
    labels = np.array(["no"] * 6 + ["yes"] * 2) if loss == "HKR" else np.arange(8.0)
    raw = RawData(np.zeros((8, 1), np.float32), labels, test=1, weights=weights)
    chosen = LOSSES[loss](alpha=1.0) if loss == "HKR" else LOSSES[loss]()
    return split_data(raw, digits(class_weights=classes), chosen, 1).train.weights


def test_balanced_classes_count_the_same() -> None:
    weights = weighted("balanced")
    assert weights is not None
    # 6 of 7 samples of the training part in one class, 1 in the other.
    assert np.allclose(weights, [7 / 12] * 6 + [7 / 2])


def test_weights_of_classes_and_of_samples_multiply() -> None:
    assert weighted(None) is None
    own = np.arange(8)
    assert np.array_equal(weighted(None, own), own[:7])  # type: ignore[arg-type]
    assert np.array_equal(weighted({"yes": 3.0}, own), [0, 1, 2, 3, 4, 5, 18])  # type: ignore[arg-type]
    numbered = RawData(np.zeros((4, 1), np.float32), np.arange(4) % 2, test=1)
    of_numbers = split_data(numbered, digits(class_weights={"1": 2.0}), LOSSES["HKR"](alpha=1.0), 1)
    assert np.array_equal(of_numbers.train.weights, [1, 2, 1])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("classes", "weights", "loss", "message"),
    [
        ({"yess": 2.0}, None, "HKR", "there is none of this name"),
        (None, np.array([1, 1, -1, 1, 1, 1, 1, 1]), "HKR", "the weight of sample 2 is -1"),
        (None, np.ones(3), "HKR", "there are 8 samples"),
        (None, np.array(list("abcdefgh")), "HKR", "numbers are needed"),
        ("balanced", None, "MeanSquaredError", "is for classes"),
    ],
)
def test_weights_that_mean_nothing_are_refused(
    classes: object, weights: np.ndarray | None, loss: str, message: str
) -> None:
    with pytest.raises(RefusedError, match=message):
        weighted(classes, weights, loss)
