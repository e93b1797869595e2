"""Convolutions that are orthogonal as operators, put together from orthogonal matrices (AOC)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.constraints.stacked_spectral_ball import StackedSpectralBall
from lipbuild.layers.exact_products import orthonormal_factors
from lipbuild.layers.kernels.computed_kernel import ComputedKernel
from lipbuild.layers.kernels.kernel_layer import kernel_weight
from lipbuild.layers.lipschitz_layer import Condensable
from lipbuild.normalizers.safety import convolution_safety
from lipbuild.normalizers.tangent import with_projected_gradient


def compose(first: Any, second: Any) -> Any:
    """The kernel of the convolution `first`, then `second`: sizes add, less one.

    Args:
        first: Shape (h₁, w₁, a, b).
        second: Shape (h₂, w₂, b, c).

    Returns:
        Shape (h₁ + h₂ - 1, w₁ + w₂ - 1, a, c).
    """
    h, w, a, _ = first.shape
    h2, w2 = second.shape[:2]
    # Of one tap either is a product with all taps of the other.
    if h2 == w2 == 1:
        return ops.matmul(first, second[0, 0])
    if h == w == 1:
        return ops.matmul(first[0, 0], second)
    height, width = h + h2 - 1, w + w2 - 1
    total: Any = 0.0
    # Few taps: a sum of shifted products is one matrix product a tap.
    for i in range(h2):
        for j in range(w2):
            product = ops.matmul(first, second[i, j])
            total = total + ops.pad(product, ((i, height - h - i), (j, width - w - j), (0, 0), (0, 0)))
    return ops.reshape(total, (height, width, a, second.shape[-1]))


def projector_kernel(bases: Any, height: int, width: int) -> Any:
    """A convolution of size height x width by two-tap factors `[P, I - P]` along each axis (BCOP).

    A factor has the frequency response `P + e^{iω}(I - P)`, orthogonal for a projector P and of norm at most 1 for
    every P between 0 and I. So the norm is at most 1 for all bases of norm at most 1.

    Args:
        bases: Matrices M of norm at most 1 with `P = M Mᵀ`, shape (height + width - 2, channels, rank).
        height: The kernel's height.
        width: The kernel's width.

    Returns:
        Shape (height, width, channels, channels).
    """
    channels = bases.shape[1]
    kernel = ops.reshape(ops.eye(channels, dtype=bases.dtype), (1, 1, channels, channels))
    projectors = ops.unstack(ops.matmul(bases, ops.swapaxes(bases, -1, -2)), bases.shape[0])
    axes = [0] * (height - 1) + [1] * (width - 1)
    # Both axes in turn, and every second factor the other way round, so that the kernel stays centred.
    order = sorted(range(len(axes)), key=lambda i: (i if axes[i] == 0 else i - (height - 1), axes[i]))
    for position, index in enumerate(order):
        p = projectors[index]
        first = ops.matmul(kernel, p) if position else ops.reshape(p, kernel.shape)
        second = kernel - first
        if (position // 2) % 2 == 1:
            first, second = second, first
        kernel = _side_by_side(first, second, axes[index])
    return kernel


def _side_by_side(first: Any, second: Any, axis: int) -> Any:
    """The sum of two kernels of one size, the second moved by one tap along an axis."""
    if first.shape[axis] == 1:
        return ops.concatenate([first, second], axis=axis)
    after: list[tuple[int, int]] = [(0, 0)] * 4
    before = list(after)
    after[axis], before[axis] = (0, 1), (1, 0)
    return ops.pad(first, after) + ops.pad(second, before)


class OrthogonalConvolution(Condensable, ComputedKernel):
    """A convolution over one or two axes, of two-tap factors `[P, I - P]` and one patch matrix of the strides' size."""

    takes = ("groups",)

    def _check_geometry(self) -> None:
        if len(self.kernel_size) > 2:
            raise ValueError(
                f"{type(self).__name__} is for at most two axes. Received: kernel_size={self.kernel_size}"
            )
        if any(k < s for k, s in zip(self.kernel_size, self.strides, strict=True)):
            raise ValueError(
                "kernel_size must be at least strides, or pixels would be skipped. "
                f"Received: kernel_size={self.kernel_size}, strides={self.strides}"
            )

    def _add_kernel(self, shape: tuple[int, ...]) -> None:
        *size, inputs, outputs = shape
        outputs //= self.groups
        missing = [1] * (2 - len(size))
        steps: tuple[int, ...] = self.strides
        (kh, kw), (sh, sw) = [*missing, *size], [*missing, *steps]
        self._patch = (sh, sw, inputs, outputs)
        # Few inputs: the factors act after the channels have been expanded, where they have more to mix.
        self._expand_first = sh * sw == 1 and outputs > inputs
        mixed = outputs if self._expand_first else inputs
        self._factor_size = (kh - sh + 1, kw - sw + 1)
        count = sum(self._factor_size) - 2
        self.bases = self._stack("bases", (self.groups * count, mixed, max(1, mixed // 2))) if count else None
        self.patch = self._stack("patch", (self.groups, sh * sw * inputs, outputs))

    def _stack(self, name: str, shape: tuple[int, ...]) -> Any:
        return kernel_weight(
            self,
            name,
            shape,
            _Stacked(self.kernel_initializer),
            regularizer=self.kernel_regularizer,
            manifold=StackedSpectralBall(),
        )

    def _orthogonal(self, weight: Any) -> Any:
        value = ops.copy(weight)
        return orthonormal_factors(with_projected_gradient(value, StackedSpectralBall().tangent))

    def effective_kernel(self) -> Any:
        """The kernel, put together."""
        patches = self._orthogonal(self.patch)
        bases = None if self.bases is None else self._orthogonal(self.bases)
        kernels = [self._composed(group, patches, bases) for group in range(self.groups)]
        kernel = kernels[0] if self.groups == 1 else ops.concatenate(kernels, axis=-1)
        if len(self.kernel_size) == 1:
            kernel = kernel[0]
        return convolution_safety(self.kernel_size, self.strides, min(patches.shape[-2:])) * kernel

    def _composed(self, group: int, patches: Any, bases: Any) -> Any:
        patch = ops.reshape(patches if self.groups == 1 else patches[group], self._patch)
        if bases is None:
            return patch
        count = bases.shape[0] // self.groups
        if self.groups > 1:
            bases = bases[group * count : (group + 1) * count]
        factors = projector_kernel(bases, *self._factor_size)
        return compose(patch, factors) if self._expand_first else compose(factors, patch)

    def condense(self) -> None:
        """Bring the bases and the patch matrix fully onto their manifolds."""
        for weight in (self.bases, self.patch):
            if weight is not None:
                weight.assign(StackedSpectralBall().condense(ops.copy(weight)))


class _Stacked(keras.initializers.Initializer):
    """A stack of matrices, each from an initializer with a seed of its own."""

    def __init__(self, initializer: Any) -> None:
        self.initializer = initializer

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        count, *matrix = shape
        initializer = self.initializer
        unseeded = getattr(initializer, "_init_seed", 0) is None
        return ops.stack(
            [
                (initializer.clone() if unseeded else initializer)(tuple(matrix), dtype=dtype)
                for _ in range(count)
            ]
        )
