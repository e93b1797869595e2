"""The two ways in which batches come give the same ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import lipbuild
from lipbuild.data.config_data import load_dataset
from lipbuild.data.part import Part
from lipbuild.training.distribution.distribution import Distribution
from lipbuild.training.feeds.choose import choose_feed
from lipbuild.training.feeds.feed import Feed
from lipbuild.training.feeds.resident import ResidentFeed
from lipbuild.training.feeds.streamed import StreamedFeed
from tests.conftest import CONFIGS

EPOCHS = 3


@pytest.fixture(scope="module")
def part() -> Part:
    checked = lipbuild.load(CONFIGS / "digits_mlp.yaml")
    assert checked.config is not None
    assert checked.graph is not None
    return load_dataset(checked.config, checked.graph).train


def batches(feed: Feed, starts: list[tuple[int, int, int]]) -> list[tuple[np.ndarray, ...]]:
    """The batches from each start (epoch, step) to a step of that epoch, taken in one compiled function."""
    take: Any = None
    found = []
    for epoch, first, last in starts:
        feed.start(epoch, first)
        take = take or tf.function(feed.take, autograph=False)
        found += [tuple(value.numpy() for value in take()) for _ in range(first, last)]
    return found


@pytest.mark.parametrize("seed", [None, 0, 2**32 - 1])
@pytest.mark.parametrize("size", [100, 431])
def test_both_feeds_give_the_same_batches_from_any_step_on(part: Part, size: int, seed: int | None) -> None:
    steps = part.steps(size)
    one_device = Distribution(tf.distribute.get_strategy())
    for starts in ([(epoch, 0, steps) for epoch in range(EPOCHS)], [(1, 2, steps), (2, 0, steps)]):
        resident = batches(ResidentFeed(part, size, seed), starts)
        streamed = batches(StreamedFeed(part, size, EPOCHS, one_device, seed), starts)
        assert len(resident) == len(streamed)
        for mine, others in zip(resident, streamed):
            for value, other in zip(mine, others, strict=True):
                np.testing.assert_array_equal(value, other)


def test_an_epoch_goes_through_every_sample_once_in_an_order_of_its_own(part: Part) -> None:
    steps = part.steps(100)
    found = batches(ResidentFeed(part, 100, 7), [(epoch, 0, steps) for epoch in range(2)])
    first, second = (np.concatenate([x for x, _ in found[i * steps : (i + 1) * steps]]) for i in range(2))
    assert len(first) == len(part)

    def rows(values: np.ndarray) -> list[bytes]:
        return sorted(row.tobytes() for row in values)

    assert rows(first) == rows(second) == rows(np.asarray(part.x))
    assert not np.array_equal(first, second)


def test_what_is_small_stays_where_it_is_used(part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    one_device = Distribution(tf.distribute.get_strategy())
    assert isinstance(choose_feed(part, 100, 1, one_device), ResidentFeed)
    monkeypatch.setattr("lipbuild.training.feeds.choose._RESIDENT", part.x.nbytes - 1)
    assert isinstance(choose_feed(part, 100, 1, one_device), StreamedFeed)
