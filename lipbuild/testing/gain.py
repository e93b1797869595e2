"""The gain of a model in float64."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from lipbuild.testing.inputs import Shapes, as_list, like, plain_model_of
from lipbuild.utils.in_float64 import in_float64


def gain_in_float64(plain: keras.Model, input_shapes: Shapes, points: int = 2, seed: int = 0) -> float:
    """The largest spectral norm of the Jacobian of a plain model, all in float64.

    Exact for an affine model, and a lower bound of the constant for others. With several inputs it is the Jacobian
    with respect to all of them together.

    Args:
        plain: a model of built-in layers, such as `vanilla_export` gives.
        input_shapes: The shape of its input without the batch, or a list of them.
        points: At how many standard normal inputs.
        seed: Of these inputs.

    Returns:
        The norm; NaN where a derivative is NaN.
    """
    import tensorflow as tf

    twin = in_float64(plain)
    rng = np.random.default_rng(seed)
    size = int(np.prod(twin.output_shape[1:]))
    shapes = as_list(input_shapes)
    # One row of each Jacobian for each output, all in one batch.
    x = [tf.constant(np.repeat(rng.normal(size=(points, *shape)), size, axis=0)) for shape in shapes]
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reshape(twin(like(input_shapes, x)), (points, size, size))
        diagonal = tf.reduce_sum(tf.linalg.diag_part(y))
    rows = tape.gradient(diagonal, x, unconnected_gradients="zero")
    jacobians = np.concatenate([np.asarray(part).reshape(points, size, -1) for part in rows], axis=-1)
    if not np.isfinite(jacobians).all():
        return float("nan")
    return float(np.linalg.svd(jacobians, compute_uv=False).max())


def gain_of(layer: Any, input_shapes: Shapes) -> float:
    """The gain of a layer's plain form, with the weights in float32 that it would be exported with."""
    return gain_in_float64(plain_model_of(layer, input_shapes), input_shapes)
