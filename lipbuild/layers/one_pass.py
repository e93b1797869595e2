"""Elementwise operations in one pass over memory."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import keras

_LARGE = 2**10
"""Elements of a sample from which the passes that are saved outweigh the call of a compiled function."""


def one_pass(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of tensors, compiled by XLA: each intermediate result stays in a register.

    It is compiled once for each shape, so it suits training, where batches have one size or two.
    """

    @functools.cache
    def compiled() -> Any:
        import tensorflow as tf

        return tf.function(function, jit_compile=True, autograph=False)

    @functools.wraps(function)
    def call(*args: Any) -> Any:
        return compiled()(*args)

    return call


def pays_in_one_pass(x: Any) -> bool:
    """Whether compiling what is done to each element of x is worth it, and possible.

    On GPUs Keras compiles the whole training step. Under a distribution strategy compiled functions are left
    out, as the replicas' threads would compile each for itself.
    """
    if keras.config.backend() != "tensorflow" or None in x.shape[1:] or math.prod(x.shape[1:]) < _LARGE:
        return False
    import tensorflow as tf

    return bool(
        tf.test.is_built_with_xla()
        and not tf.distribute.has_strategy()
        and not tf.config.list_physical_devices("GPU")
    )
