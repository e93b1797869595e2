"""Kernels that are rescaled to be almost orthogonal."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lipbuild.layers.exact_products import for_exact_products
from lipbuild.layers.kernels.autocorrelation import autocorrelation
from lipbuild.layers.kernels.computed_kernel import ComputedKernel
from lipbuild.layers.kernels.kernel_layer import kernel_weight
from lipbuild.normalizers.retraction import gram
from lipbuild.normalizers.safety import convolution_safety


def inverse_root(x: Any) -> Any:
    """1/√x, and 0 where x is 0."""
    safe = ops.where(x > 0.0, x, ops.ones_like(x))
    return ops.where(x > 0.0, ops.rsqrt(safe), ops.zeros_like(x))


def bounded(w: Any) -> Any:
    """W over its largest entry where that is above 1, so that products of it cannot overflow."""
    return w / ops.stop_gradient(ops.maximum(ops.max(ops.abs(w)), 1.0))


class CentredInitializer(keras.initializers.Initializer):
    """A kernel that is zero but for its central tap, which another initializer gives."""

    def __init__(self, initializer: Any) -> None:
        self.initializer = initializer

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """The kernel, shape (*kernel_size, cin, cout)."""
        *size, cin, cout = shape
        tap = self.initializer((cin, cout), dtype=dtype)
        if not size:
            return tap
        centre = 0
        for taps in size:
            centre = centre * taps + taps // 2
        place = ops.one_hot(centre, math.prod(size), dtype=dtype)
        return ops.reshape(place, (*size, 1, 1)) * tap


class AOL(ComputedKernel):
    """W with each channel scaled by `(Σ |Gram matrix|)^(-1/2)`, on the side with fewer channels.

    The Gram matrix of a convolution is its kernel's autocorrelation, and a matrix is a convolution over no axes.
    """

    def _add_kernel(self, shape: tuple[int, ...]) -> None:
        initializer = CentredInitializer(self.kernel_initializer)
        self.weight = kernel_weight(self, "weight", shape, initializer, regularizer=self.kernel_regularizer)

    def effective_kernel(self) -> Any:
        """The free kernel, scaled."""
        w = bounded(for_exact_products(self.weight))
        *size, inputs, outputs = w.shape
        of_outputs = outputs <= inputs
        if size:
            sums = ops.sum(ops.abs(autocorrelation(w, of_outputs)), axis=tuple(range(1, len(w.shape))))
        else:
            sums = ops.sum(ops.abs(gram(w)), axis=0)
        # Strided, it is a part of the convolution of stride 1.
        d = convolution_safety(size, [1] * len(size), min(inputs, outputs)) * inverse_root(sums)
        return w * d if of_outputs else w * ops.expand_dims(d, -1)
