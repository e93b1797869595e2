from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from lipbuild.normalizers.retraction import (
    norm_upper_bound,
    orthogonalize,
    retract,
    scale_down,
    squarings_for,
)

SHAPES = [(5, 5), (196, 32), (32, 196), (120, 90), (1, 7), (7, 1)]
FITTING = ["zeros", "ones", "rank one", "dominant value of 1e6", "tiny", "gaussian", "twice orthogonal"]


def spectrum(x) -> np.ndarray:
    return np.linalg.svd(np.asarray(ops.convert_to_numpy(x), dtype=np.float64), compute_uv=False)


def gaussian(shape, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def orthogonal(shape, seed=0) -> np.ndarray:
    u, _, vt = np.linalg.svd(gaussian(shape, seed).astype(np.float64), full_matrices=False)
    return (u @ vt).astype("float32")


def rank_one(shape, size=1.0) -> np.ndarray:
    return (size * np.outer(gaussian(shape[0], 1), gaussian(shape[1], 2))).astype("float32")


def dominated(shape, largest) -> np.ndarray:
    u, s, vt = np.linalg.svd(gaussian(shape).astype(np.float64), full_matrices=False)
    s[0] = largest
    return (u * s @ vt).astype("float32")


HOSTILE = {
    "zeros": lambda shape: np.zeros(shape, "float32"),
    "ones": lambda shape: np.ones(shape, "float32"),
    "rank one": rank_one,
    "rank one, huge": lambda shape: rank_one(shape, 1e12),
    "dominant value of 1e6": lambda shape: dominated(shape, 1e6),
    "near overflow": lambda shape: np.clip(gaussian(shape), -1, 1) * np.float32(3e38),
    "constant near overflow": lambda shape: np.full(shape, 3.4e38, "float32"),
    "subnormal": lambda shape: (gaussian(shape).astype(np.float64) * 1e-40).astype("float32"),
    "tiny": lambda shape: gaussian(shape) * np.float32(1e-30),
    "gaussian": gaussian,
    "twice orthogonal": lambda shape: 2 * orthogonal(shape),
    "root three orthogonal": lambda shape: np.float32(3**0.5) * orthogonal(shape),
    "orthogonal plus signs": lambda shape: orthogonal(shape) + np.sign(gaussian(shape, 3)) * np.float32(0.1),
    "orthogonal plus 1e6 signs": lambda shape: (
        orthogonal(shape) + np.sign(gaussian(shape, 3)) * np.float32(1e6)
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", HOSTILE)
def test_norm_is_at_most_one_whatever_came_in(name, shape):
    w = HOSTILE[name](shape)
    for result in (
        retract(ops.convert_to_tensor(w)),
        orthogonalize(ops.convert_to_tensor(w), 1e-3, 15),
        scale_down(ops.convert_to_tensor(w), 6),
    ):
        values = spectrum(result)
        assert np.isfinite(values).all()
        assert values.max() <= 1.0


@pytest.mark.parametrize("shape", [(512, 512), (4608, 96)])
def test_rounding_stays_inside_the_margin_for_large_matrices(shape):
    w = ops.convert_to_tensor(orthogonal(shape))
    for _ in range(3):
        w = retract(w)
    assert spectrum(w).min() >= 1 - 5e-5
    assert spectrum(w).max() <= 1.0


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_becomes_nan(poison):
    w = orthogonal((6, 4))
    w[2, 1] = poison
    for result in (
        retract(ops.convert_to_tensor(w)),
        orthogonalize(ops.convert_to_tensor(w), 1e-3, 15),
        scale_down(ops.convert_to_tensor(w), 6),
    ):
        assert np.isnan(ops.convert_to_numpy(result)).any()


@pytest.mark.parametrize("shape", [(784, 64), (64, 784), (300, 200)])
def test_small_updates_come_back_orthogonal(shape):
    w = ops.convert_to_tensor(orthogonal(shape) + 1e-3 * np.sign(gaussian(shape, 5)))
    values = spectrum(retract(w))
    assert values.min() >= 0.99


@pytest.mark.parametrize("shape", [(784, 64), (64, 784), (64, 64), (1, 7)])
def test_orthogonalize_brings_every_singular_value_to_one(shape):
    values = spectrum(orthogonalize(ops.convert_to_tensor(10 * gaussian(shape)), 1e-3, 60))
    assert values.min() >= 1 - 1e-5
    assert values.max() <= 1


def test_orthogonalize_finds_the_nearest_orthogonal_matrix():
    w = gaussian((30, 20))
    found = ops.convert_to_numpy(orthogonalize(ops.convert_to_tensor(w), 1e-6, 40))
    np.testing.assert_allclose(found, orthogonal((30, 20)), atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FITTING)
def test_bound_is_above_the_norm_and_within_its_stated_excess(name, shape):
    w = HOSTILE[name](shape)
    true = np.linalg.norm(w.astype(np.float64), 2)
    for squarings in (0, 3):
        bound = float(ops.convert_to_numpy(norm_upper_bound(ops.convert_to_tensor(w), squarings)).item())
        assert bound >= true
        assert bound <= true * min(shape) ** (0.25 / 2**squarings) * 1.01


def test_squarings_are_as_many_as_the_tolerance_asks_for():
    assert squarings_for(1e-3, 20, 64) == 11
    assert squarings_for(1e-3, 4, 64) == 4
    assert squarings_for(10.0, 4, 64) == 1


def test_a_batch_of_matrices_is_treated_one_by_one():
    w = np.stack([orthogonal((6, 4)), dominated((6, 4), 1e6)])
    both = ops.convert_to_numpy(orthogonalize(ops.convert_to_tensor(w), 1e-4, 30))
    one = ops.convert_to_numpy(orthogonalize(ops.convert_to_tensor(w[0]), 1e-4, 30))
    np.testing.assert_allclose(both[0], one, atol=1e-5)
    assert spectrum(both[1]).max() <= 1


@pytest.mark.parametrize("shape", [(1, 7), (40, 9), (2, 9, 40)])
def test_a_graph_shares_what_takes_far_matrices_back_among_all_shapes(shape):
    traced = tf.function(retract, autograph=False)
    for make in HOSTILE.values():
        w = ops.convert_to_tensor(np.broadcast_to(make(shape[-2:]), shape))
        result = traced(w)
        assert result.shape == w.shape
        assert np.isfinite(spectrum(result)).all()
        assert spectrum(result).max() <= 1.0
        np.testing.assert_allclose(result, retract(w), atol=1e-4)
    assert np.isnan(traced(w + np.float32("nan"))).all()
