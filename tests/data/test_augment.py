"""Augmentation: what each step does to a batch, and that it is the same however the batch is divided."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest

from lipbuild.config.choices import AUGMENTATION, AugmentSpec
from lipbuild.data.array_features import ArrayFeatures
from lipbuild.data.augmentation import Augmentation
from lipbuild.data.part import Part
from lipbuild.rules.check import check
from lipbuild.text.text import SourceText

# Every value is different and at least 1, so that what was moved or overwritten can be told.
IMAGES = 1.0 + np.arange(40 * 6 * 5 * 2, dtype=np.float32).reshape(40, 6, 5, 2)


def step(name: str, **arguments: object) -> AugmentSpec:
    return AUGMENTATION[name].model_validate(arguments)


def part(*steps: AugmentSpec, labels: str = "onehot") -> Part:
    return Part(
        ArrayFeatures(IMAGES),
        np.arange(40),
        np.arange(40) % 3,
        labels,  # type: ignore[arg-type]
        3,
        augmentation=Augmentation(steps),
    )


def epoch_of(batches: Any) -> list[np.ndarray]:
    return [np.concatenate(column) for column in zip(*batches.as_numpy_iterator())]


@cache
def plain() -> list[np.ndarray]:
    """One epoch as it comes."""
    return epoch_of(part().batches(16, seed=5))


def changed(*steps: AugmentSpec, epoch: int = 0, **options: Any) -> list[np.ndarray]:
    """The same epoch, or another, changed."""
    chosen = range(epoch, epoch + 1)
    return epoch_of(part(*steps).batches(16, seed=5, epochs=chosen, augment=True, **options))


def both(*steps: AugmentSpec) -> list[np.ndarray]:
    return [*plain(), *changed(*steps)]


def test_a_flip_mirrors_about_half_of_the_images() -> None:
    # Left to right where no mode is named.
    x, y, moved, labels = both(step("RandomFlip"))
    mirrored = [np.array_equal(b, a[:, ::-1]) for a, b in zip(x, moved)]
    same = [np.array_equal(a, b) for a, b in zip(x, moved)]
    assert np.all(np.logical_xor(mirrored, same))
    assert 8 < sum(mirrored) < 32
    assert np.array_equal(y, labels)
    upside_down, _ = changed(step("RandomFlip", mode="vertical"))
    assert {tuple(a[0, 0]) for a in upside_down} <= {tuple(a[i, 0]) for a in x for i in (0, 5)}


@pytest.mark.parametrize(
    ("chosen", "down", "right"),
    [
        (step("RandomCrop", padding=2, fill_value=-1), 2, 2),
        (step("RandomCrop", padding=[0, 3], fill_value=-1), 0, 3),
        (step("RandomTranslation", height_factor=0.5, width_factor=0.25, fill_value=-1), 3, 1),
    ],
)
def test_a_shift_moves_by_whole_pixels_and_fills_what_comes_in(
    chosen: AugmentSpec, down: int, right: int
) -> None:
    x, _, moved, _ = both(chosen)
    found = set()
    for before, after in zip(x, moved):
        padded = np.pad(before, ((down, down), (right, right), (0, 0)), constant_values=-1.0)
        fits = [
            (i, j)
            for i in range(2 * down + 1)
            for j in range(2 * right + 1)
            if np.array_equal(padded[i : i + 6, j : j + 5], after)
        ]
        assert len(fits) == 1
        found.add(fits[0])
    assert {i for i, _ in found} == set(range(2 * down + 1))
    assert {j for _, j in found} == set(range(2 * right + 1))


def test_erasing_overwrites_one_rectangle_of_the_area_that_is_asked_for() -> None:
    x, _, moved, _ = both(step("RandomErasing", scale=0.25, fill_value=-2))
    shares = []
    for before, after in zip(x, moved):
        erased = (after == -2).all(axis=-1)
        assert np.array_equal(after[~erased], before[~erased])
        rows, columns = np.flatnonzero(erased.any(axis=1)), np.flatnonzero(erased.any(axis=0))
        assert erased.sum() == len(rows) * len(columns)
        shares.append(erased.mean())
    # Half of a side is 3 of 6 and 2.5 of 5 pixels; a part of the rectangle may lie outside.
    assert 0.0 < np.mean(shares) < max(shares) <= 0.3
    rare, _ = changed(step("RandomErasing", factor=0.25))
    assert 2 <= sum((image == 0).any() for image in rare) <= 20


def test_noise_has_the_deviation_that_is_asked_for() -> None:
    x, _, moved, _ = both(step("GaussianNoise", stddev=0.5))
    assert np.std(moved - x) == pytest.approx(0.5, rel=0.05)
    assert abs(np.mean(moved - x)) < 0.05


def test_a_mixture_lies_between_two_samples_and_its_label_alike() -> None:
    x, y, moved, labels = both(step("MixUp", alpha=1.0))
    assert np.allclose(labels.sum(axis=1), 1.0)
    for start in range(0, 40, 16):
        batch = slice(start, min(start + 16, 40))
        a, b, m = x[batch], x[batch][::-1], moved[batch]
        distance = (a - b)[:, 0, 0, 0]
        share = np.where(distance == 0, 1.0, (m - b)[:, 0, 0, 0] / np.where(distance == 0, 1.0, distance))
        assert np.all((share > -1e-4) & (share < 1 + 1e-4))
        expected = share[:, None] * y[batch] + (1 - share[:, None]) * y[batch][::-1]
        assert np.allclose(labels[batch], expected, atol=1e-3)


STEPS = [
    step("RandomFlip"),
    step("RandomCrop", padding=1),
    step("RandomErasing"),
    step("GaussianNoise", stddev=0.1),
]


@pytest.mark.parametrize("steps", [STEPS[1:], [STEPS[0], step("MixUp")]], ids=["alone", "mixed"])
def test_a_sample_is_changed_alike_however_the_batch_is_divided(steps: list[AugmentSpec]) -> None:
    x, y = changed(*steps)
    halves = [changed(*steps, replicas=2, own=own) for own in (range(1), range(1, 2))]
    for share in range(3):
        own = [8, 8, 4][share]
        rows = slice(8 * share, 8 * share + own)
        assert np.array_equal(
            np.concatenate([h[0][rows] for h in halves]), x[16 * share : 16 * share + 2 * own]
        )
        assert np.array_equal(
            np.concatenate([h[1][rows] for h in halves]), y[16 * share : 16 * share + 2 * own]
        )


def test_operations_are_drawn_for_each_image_and_alike_however_the_batch_is_divided() -> None:
    images = np.random.default_rng(0).random((24, 8, 8, 3)).astype(np.float32)
    numbers = np.arange(24)

    def epoch(**options: Any) -> np.ndarray:
        steps = Augmentation([step("RandAugment", share=0.5, num_ops=1)])
        data = Part(ArrayFeatures(images), numbers, numbers % 3, "onehot", 3, augmentation=steps)
        return epoch_of(data.batches(16, seed=5, augment=True, **options))[0]

    plain = Part(ArrayFeatures(images), numbers, numbers % 3, "onehot", 3).batches(16, seed=5)
    before, whole = epoch_of(plain)[0], epoch(epochs=range(1))
    changed = np.any(before != whole, axis=(1, 2, 3))
    assert 4 < changed.sum() < 20
    assert whole.min() >= 0.0
    assert whole.max() <= 1.0
    # Some operations move pixels, and others keep where it is dark and light.
    assert len({round(float(np.corrcoef(a.ravel(), b.ravel())[0, 1]), 2) for a, b in zip(before, whole)}) > 4
    halves = [epoch(epochs=range(1), replicas=2, own=own) for own in (range(1), range(1, 2))]
    np.testing.assert_allclose(np.concatenate([half[:8] for half in halves]), whole[:16], atol=1e-5)


def test_an_epoch_is_changed_in_its_own_way_and_repeatably() -> None:
    first, again, second = (changed(*STEPS[1:3], epoch=e)[0] for e in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)


def test_nothing_is_changed_where_it_is_not_asked_for() -> None:
    x, _ = zip(*part(*STEPS).batches(16).as_numpy_iterator())
    assert np.array_equal(np.concatenate(x), IMAGES)
    with pytest.raises(ValueError, match="augmentation needs a seed"):
        part(*STEPS).batches(16, augment=True)


@pytest.mark.parametrize(
    ("source", "augment", "loss", "message"),
    [
        ("wine", "RandomFlip", "{TauCategoricalCrossentropy: {tau: 1}}", "is for images .* a sample is 13"),
        ("wine", "MixUp", "{TauSparseCategoricalCrossentropy: {tau: 1}}", "takes none that are mixed"),
        ("digits", "RandAugment", "{TauCategoricalCrossentropy: {tau: 1}}", "is for images of 3 channels"),
        ("wine", "RandomCrop", "{TauCategoricalCrossentropy: {tau: 1}}", "lacks the key `padding`"),
        (
            "digits",
            "RandomErasing: {scale: [0.5, 0.1]}",
            "{MulticlassHKR: {min_margin: 1}}",
            "0.5 is above 0.1",
        ),
    ],
)
def test_what_does_not_fit_is_an_error_of_check(source: str, augment: str, loss: str, message: str) -> None:
    units = {"wine": 3, "digits": 10}[source]
    text = (
        f"seed: 0\nmodel: {{layers: [Flatten, SpectralDense: {{units: {units}}}]}}\n"
        f"data: {{source: {source}, validation: 0.1, augment: [{augment}]}}\ntrain: {{loss: {loss}, epochs: 1}}\n"
    )
    found = [d for d in check(SourceText("c.yaml", text)).diagnostics if "Flatten" not in d.message]
    assert len(found) == 1, found
    assert re.search(message, found[0].message)
