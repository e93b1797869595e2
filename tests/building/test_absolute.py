"""[s, |t|] of rotated pairs, as each runtime computes it."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from lipbuild.building.absolute.absolute import Absolute
from lipbuild.building.absolute.maximum import MaximumAbsolute
from lipbuild.building.absolute.pointwise import PointwiseAbsolute
from lipbuild.building.absolute.sign_bit import SignBitAbsolute
from lipbuild.building.absolute.slope import SlopeAbsolute

EACH = [MaximumAbsolute, PointwiseAbsolute, SignBitAbsolute, SlopeAbsolute]
SHAPES = [(3, 6), (3, 5, 6), (3, 4, 5, 6), (2, 3, 2, 2, 4)]


def sample(shape: tuple[int, ...]) -> np.ndarray:
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    values.reshape(-1)[:4] = 0.0, -0.0, 1e30, -1e30
    return values


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("absolute", EACH)
def test_the_second_half_of_the_channels_loses_its_sign_exactly(
    absolute: type[Absolute], shape: tuple[int, ...]
) -> None:
    x = sample(shape)
    s, t = np.split(x, 2, axis=-1)
    layer = absolute()
    function = tf.function(layer, input_signature=[tf.TensorSpec([None, *shape[1:]], tf.float32)])
    assert np.array_equal(function(tf.constant(x)), np.concatenate([s, np.abs(t)], axis=-1))
    assert layer.compute_output_shape(shape) == shape


@pytest.mark.parametrize("absolute", EACH)
def test_images_of_any_size_are_taken(absolute: type[Absolute]) -> None:
    x = sample((2, 4, 5, 6))
    function = tf.function(absolute(), input_signature=[tf.TensorSpec([None, None, None, 6], tf.float32)])
    assert np.array_equal(function(tf.constant(x)), np.where(np.arange(6) < 3, x, np.abs(x)))


@pytest.mark.parametrize("absolute", EACH)
def test_what_is_no_number_stays_none(absolute: type[Absolute]) -> None:
    x = np.full((1, 4), np.nan, np.float32)
    assert np.isnan(absolute()(tf.constant(x))).all()


@pytest.mark.parametrize("absolute", EACH)
def test_an_attack_finds_the_gradient(absolute: type[Absolute]) -> None:
    x = np.random.default_rng(1).normal(size=(3, 4, 4, 6)).astype(np.float32)
    upstream = np.random.default_rng(2).normal(size=x.shape).astype(np.float32)
    with tf.GradientTape() as tape:
        tensor = tf.constant(x)
        tape.watch(tensor)
        y = absolute()(tensor)
    found = tape.gradient(y, tensor, tf.constant(upstream))
    negative = (np.arange(6) >= 3) & (x < 0)
    assert np.allclose(found, np.where(negative, -upstream, upstream), atol=1e-6)
