"""Sorting pairs of channels, with gradients written by hand: no intermediate result is kept but the input."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.one_pass import one_pass, pays_in_one_pass


def sort_halves(x: Any, training: bool = False) -> Any:
    """`concat(max(a, b), min(a, b))` for the halves a and b of the last axis."""
    return _sort_halves_in_one_pass(x) if training and pays_in_one_pass(x) else _sort_halves(x)


def _sorted_halves(x: Any) -> Any:
    a, b = ops.split(x, 2, axis=-1)
    return ops.concatenate([ops.maximum(a, b), ops.minimum(a, b)], axis=-1)


def _swapped_halves(x: Any, g: Any) -> Any:
    a, b = ops.split(x, 2, axis=-1)
    g1, g2 = ops.split(g, 2, axis=-1)
    keep = ops.greater_equal(a, b)
    return ops.concatenate([ops.where(keep, g1, g2), ops.where(keep, g2, g1)], axis=-1)


_sorted_halves_in_one_pass = one_pass(_sorted_halves)
_swapped_halves_in_one_pass = one_pass(_swapped_halves)


@ops.custom_gradient
def _sort_halves(x: Any) -> Any:
    def grad(*args: Any, upstream: Any = None) -> Any:
        return _swapped_halves(x, args[0] if upstream is None else upstream)

    return _sorted_halves(x), grad


@ops.custom_gradient
def _sort_halves_in_one_pass(x: Any) -> Any:
    def grad(*args: Any, upstream: Any = None) -> Any:
        return _swapped_halves_in_one_pass(x, args[0] if upstream is None else upstream)

    return _sorted_halves_in_one_pass(x), grad


def sort_neighbours(x: Any) -> Any:
    """Channels 2i and 2i + 1 of the last axis in ascending order."""
    if keras.backend.standardize_dtype(x.dtype) == "float32" and reads_pairs_as_complex():
        return _sort_complex_pairs(x)
    return _sort_reshaped_pairs(x)


def reads_pairs_as_complex() -> bool:
    """Whether `sort_neighbours` takes its fast way for float32, which XLA cannot compile.

    Keras compiles with XLA by itself where it sees a GPU, so there the other way is taken.
    """
    if keras.config.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return not tf.config.list_physical_devices("GPU")


@ops.custom_gradient
def _sort_reshaped_pairs(x: Any) -> Any:
    shape = ops.shape(x)
    pairs = ops.reshape(x, (-1, x.shape[-1] // 2, 2))
    y = ops.reshape(
        ops.stack([ops.min(pairs, axis=-1), ops.max(pairs, axis=-1)], axis=-1),
        shape,
    )

    def grad(*args: Any, upstream: Any = None) -> Any:
        g = ops.reshape(args[0] if upstream is None else upstream, (-1, x.shape[-1] // 2, 2))
        z = ops.reshape(x, (-1, x.shape[-1] // 2, 2))
        keep = ops.less_equal(z[..., :1], z[..., 1:])
        return ops.reshape(ops.where(keep, g, ops.flip(g, axis=-1)), shape)

    return y, grad


@ops.custom_gradient
def _sort_complex_pairs(x: Any) -> Any:
    # Each pair of float32 neighbours read as one complex64: taking them apart and together again is then one
    # pass, which strided slices and transpositions of a last axis of size 2 are not.
    import tensorflow as tf

    shape = tf.shape(x)

    def pairs(t: Any) -> Any:
        return tf.bitcast(tf.reshape(t, [-1, x.shape[-1] // 2, 2]), tf.complex64)

    def unpaired(z: Any) -> Any:
        return tf.reshape(tf.bitcast(z, tf.float32), shape)

    z = pairs(x)
    a, b = tf.math.real(z), tf.math.imag(z)
    y = unpaired(tf.complex(tf.minimum(a, b), tf.maximum(a, b)))

    def grad(*args: Any, upstream: Any = None) -> Any:
        g = pairs(args[0] if upstream is None else upstream)
        return unpaired(tf.where(a <= b, g, tf.complex(tf.math.imag(g), tf.math.real(g))))

    return y, grad
