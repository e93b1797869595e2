"""The largest gain of a model around given inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np


def evaluate_lip_const(model: keras.Model, x: Any, eps: float = 1e-4, seed: Any = None) -> float:
    """The largest spectral norm of the model's Jacobian at the given inputs.

    A lower bound of the Lipschitz constant, by rounding excepted: it says what was seen, and certifies
    nothing.

    Args:
        model: a built model with one input and one output.
        x: Inputs, shape (batch, ...).
        eps: Not used; deel-lip's size of perturbation.
        seed: Not used.

    Returns:
        The largest norm.
    """
    import tensorflow as tf

    del eps, seed
    inputs = tf.convert_to_tensor(x)
    dtype = model.inputs[0].dtype if getattr(model, "inputs", None) else inputs.dtype
    inputs = tf.cast(inputs, dtype)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = model(inputs, training=False)
        outputs = tf.reshape(outputs, [tf.shape(outputs)[0], -1])
    jacobian = tape.batch_jacobian(outputs, inputs)
    if jacobian is None:
        return 0.0
    values = np.asarray(jacobian, dtype=np.float64)
    matrices = values.reshape(values.shape[0], values.shape[1], -1)
    return float(np.linalg.norm(matrices, ord=2, axis=(-2, -1)).max())


def evaluate_lip_const_gen(
    model: keras.Model, generator: Iterator[tuple[Any, Any]], eps: float = 1e-4, seed: Any = None
) -> float:
    """`evaluate_lip_const` on the inputs of a generator's next batch.

    Args:
        model: a built model.
        generator: Gives pairs of inputs and labels.
        eps: Not used.
        seed: Not used.

    Returns:
        The largest norm.
    """
    return evaluate_lip_const(model, next(generator)[0], eps=eps, seed=seed)
