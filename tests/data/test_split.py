"""How data is split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from lipbuild.data.load import load_raw, match_shape, split_data
from lipbuild.data.raw import RawData
from lipbuild.errors import RefusedError
from lipbuild.spec.losses import LOSSES
from lipbuild.spec.sections import DataSection
from lipbuild.spec.sources import SOURCES

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
