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


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_see_together_the_batches_that_one_would_see(workers: int) -> None:
    alone = list(part().batches(16, seed=3, epochs=range(2)).as_numpy_iterator())
    shares = [list(part().batches(16, seed=3, epochs=range(2), shard=(i, workers))) for i in range(workers)]
    if workers > SAMPLES % 16:
        # The last batch would leave a worker without samples.
        alone = [batch for i, batch in enumerate(alone) if i % 4 != 3]
    assert {len(share) for share in shares} == {len(alone)}
    for step, (x, _) in enumerate(alone):
        together = np.concatenate([np.asarray(share[step][0]) for share in shares])
        assert sorted(rows(together)) == sorted(rows(x))


def test_a_batch_that_cannot_be_divided_is_refused() -> None:
    with pytest.raises(ValueError, match="16 samples cannot be divided among 3 workers"):
        part().batches(16, shard=(0, 3))


def test_weights_go_with_their_samples() -> None:
    x, _, weights = joined(part(weights=True).batches(16, seed=3))
    assert np.array_equal(rows(x), weights.astype(int))


def test_full_batches_have_a_fixed_shape() -> None:
    assert part().batches(10).element_spec[0].shape == (10, 4, 4, 3)
    assert part().batches(16).element_spec[0].shape == (None, 4, 4, 3)
