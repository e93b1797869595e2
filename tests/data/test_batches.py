"""A part as batches: the same values as its arrays, in an order that the seed and the epoch alone decide."""

from __future__ import annotations

import numpy as np
import pytest

from lipbuild.data.array_features import ArrayFeatures
from lipbuild.data.labels import Targets, encode
from lipbuild.data.part import Part

SAMPLES = 50
PIXELS = np.random.default_rng(0).integers(0, 256, (60, 4, 4, 3), dtype=np.uint8)
CLASSES = np.random.default_rng(1).integers(0, 3, SAMPLES)


def part(labels: str = "index", weights: bool = False) -> Part:
    return Part(
        ArrayFeatures(PIXELS, 255.0),
        np.arange(10, 60),
        CLASSES,
        labels,  # type: ignore[arg-type]
        3,
        np.arange(SAMPLES, dtype=np.float32) if weights else None,
    )


def joined(batches: object) -> list[np.ndarray]:
    return [np.concatenate(column) for column in zip(*batches.as_numpy_iterator())]  # type: ignore[attr-defined]


def rows(x: np.ndarray) -> list[int]:
    """Which samples of the part these are."""
    known = {sample.tobytes(): i for i, sample in enumerate(part().x)}
    return [known[sample.tobytes()] for sample in x]


def test_batches_in_order_are_the_arrays_to_the_last_bit() -> None:
    x, y = joined(part().batches(16))
    assert np.array_equal(x, part().x)
    assert np.array_equal(x, (PIXELS[10:].astype(np.float32) / np.float32(255)))
    assert np.array_equal(y, part().y)


@pytest.mark.parametrize("labels", ["onehot", "index", "zero_one", "sign", "value"])
def test_labels_are_encoded_in_batches_as_in_arrays(labels: str) -> None:
    _, y = joined(part(labels).batches(16, seed=1))
    order = rows(joined(part(labels).batches(16, seed=1))[0])
    expected = encode(Targets(CLASSES, ()), labels, 3)[order]  # type: ignore[arg-type]
    assert y.dtype == expected.dtype
    assert np.array_equal(y, expected)


def test_every_epoch_has_every_sample_once_in_an_order_of_its_own() -> None:
    epochs = [rows(joined(part().batches(16, seed=3, epochs=range(e, e + 1)))[0]) for e in range(3)]
    assert all(sorted(epoch) == list(range(SAMPLES)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]
    assert epochs[0] != rows(joined(part().batches(16, seed=4))[0])


def test_going_on_at_an_epoch_gives_what_an_uninterrupted_run_sees_there() -> None:
    whole = joined(part().batches(16, seed=3, epochs=range(5)))[0]
    resumed = joined(part().batches(16, seed=3, epochs=range(3, 5)))[0]
    assert np.array_equal(whole[3 * SAMPLES :], resumed)


def test_an_epoch_has_the_steps_that_are_announced() -> None:
    for options, steps in (({}, 4), ({"drop_remainder": True}, 3)):
        batches = part().batches(16, epochs=range(2), seed=0, **options)
        assert part().steps(16, **options) == steps
        assert int(batches.cardinality()) == len(list(batches)) == 2 * steps


@pytest.mark.parametrize("replicas", [2, 3, 4])
def test_processes_see_together_the_batches_that_one_would_see(replicas: int) -> None:
    alone = part().batches(16, seed=3, epochs=range(2)).as_numpy_iterator()
    slices = [
        part()
        .batches(16, seed=3, epochs=range(2), replicas=replicas, own=own, places=True)
        .as_numpy_iterator()
        for own in (range(1), range(1, replicas))
    ]
    for (x, y), *shares in zip(alone, *slices, strict=True):
        assert np.array_equal(np.concatenate([share[0] for share in shares]), x)
        assert np.array_equal(np.concatenate([share[1] for share in shares]), y)
        assert [share[2] for share in shares] == [0, len(shares[0][0])]
        assert {int(share[3]) for share in shares} == {len(x)}
        assert len(shares[0][0]) == -(-len(x) // replicas)


def test_a_run_can_go_on_in_the_middle_of_an_epoch() -> None:
    whole = list(part().batches(16, seed=3, epochs=range(3)).as_numpy_iterator())
    rest = part().batches(16, seed=3, epochs=range(1, 3), first_step=3)
    assert int(rest.cardinality()) == 5
    for (x, _), (expected, _) in zip(rest.as_numpy_iterator(), whole[7:], strict=True):
        assert np.array_equal(x, expected)


@pytest.mark.parametrize("wrong", [{"replicas": 2, "own": range(2, 3)}, {"epochs": range(0, 4, 2)}])
def test_numbers_that_do_not_fit_are_refused(wrong: dict[str, range]) -> None:
    with pytest.raises(ValueError, match="slices"):
        part().batches(16, **wrong)  # type: ignore[arg-type]


def test_weights_go_with_their_samples() -> None:
    x, _, weights = joined(part(weights=True).batches(16, seed=3))
    assert np.array_equal(rows(x), weights.astype(int))


def test_full_batches_have_a_fixed_shape() -> None:
    assert part().batches(10).element_spec[0].shape == (10, 4, 4, 3)
    assert part().batches(16).element_spec[0].shape == (None, 4, 4, 3)
