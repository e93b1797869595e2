"""Convolutions that are orthogonal as operators, put together from orthogonal matrices (AOC)."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from lipbuild.constraints.stacked_spectral_ball import StackedSpectralBall
from lipbuild.layers.exact_products import orthonormal_factors
from lipbuild.layers.kernels.computed_kernel import ComputedKernel
from lipbuild.layers.kernels.kernel_layer import kernel_weight
from lipbuild.layers.lipschitz_layer import Condensable
from lipbuild.normalizers.products import times
from lipbuild.normalizers.safety import convolution_safety
from lipbuild.normalizers.tangent import with_projected_gradient

_MANY_TERMS = 16
"""Products from which those of one tap are added up before the next factor: those of four factors."""


def orthogonal_kernel(bases: Any, patch: Any, size: tuple[int, int], *, first: bool = False) -> Any:
    """A convolution by two-tap factors `[P, I - P]` along each axis (BCOP), and by a patch matrix.

    A factor has the frequency response `P + e^{iω}(I - P)`, orthogonal for a projector `P = M Mᵀ` and of norm at most 1
    for every M of norm at most 1. So the norm is at most 1 for all bases of norm at most 1 and a patch of norm at most
    1.

    It is put together from the patch's side, where it is narrowest: a factor turns each term X into X and `M MᵀX`. A
    tap is a sum of terms. Matrices are multiplied one by one, for small ones take less time than oneDNN needs to set
    a batched product or a transposition up.

    Args:
        bases: Matrices M of norm at most 1, shape (h + w - 2, channels, rank).
        patch: The kernel of the patch's convolution, shape (sh, sw, inputs, outputs).
        size: The size (h, w) of what the factors are together.
        first: Whether the patch acts before the factors; it has one tap then.

    Returns:
        Shape (h + sh - 1, w + sw - 1, inputs, outputs).
    """
    sh, sw, inputs, outputs = patch.shape
    factors = _factors(*size)
    matrices = ops.unstack(bases, len(factors))
    places = _each(sh, sw)
    # Terms side by side or, where the matrices act from the right, below each other.
    terms = ops.reshape(patch, (inputs, outputs)) if first else _side_by_side(patch)
    for index, factor in factors if first else factors[::-1]:
        if places.shape[-1] >= max(_MANY_TERMS, 1 + math.prod(places.shape[:2])):
            terms = _added_up(terms, places, (inputs, outputs), first)
            terms = ops.reshape(terms, (-1, outputs)) if first else _side_by_side(terms)
            places = _each(*places.shape[:2])
        product = _projected(terms, matrices[index], first)
        terms = ops.concatenate([terms, product], axis=0 if first else 1)
        places = _convolved(factor, places)
    return _added_up(terms, places, (inputs, outputs), first)


def _projected(x: Any, m: Any, rows: bool) -> Any:
    """`M Mᵀx` of columns x, or of rows, with the gradient along the manifold of orthonormal M.

    That of M is `G = D zᵀ + x (MᵀD)ᵀ` for the gradient D of the product and `z = Mᵀx`. `MᵀG` is symmetric, so that its
    part along the manifold is `G - M MᵀG`, which is `(D - M MᵀD) zᵀ + (x - M Mᵀx) (MᵀD)ᵀ`.
    """

    def into(x: Any, m: Any) -> Any:
        return times(x, m) if rows else times(m, x, transpose_a=True)

    def back(z: Any, m: Any) -> Any:
        return times(z, m, transpose_b=True) if rows else times(m, z)

    def outer(x: Any, z: Any) -> Any:
        return times(x, z, transpose_a=True) if rows else times(x, z, transpose_b=True)

    @ops.custom_gradient
    def project(x: Any, m: Any) -> tuple[Any, Any]:
        z = into(x, m)
        y = back(z, m)

        def grad(*args: Any, upstream: Any = None) -> Any:
            d = args[0] if upstream is None else upstream
            dz = into(d, m)
            dx = back(dz, m)
            return dx, outer(d - dx, z) + outer(x - y, dz)

        return y, grad

    return project(x, m)


def _factors(height: int, width: int) -> list[tuple[int, NDArray[Any]]]:
    """In the order in which they act, each factor's number, and how its taps are made of I and P: shape (h, w, 2)."""
    axes = [0] * (height - 1) + [1] * (width - 1)
    # Both axes in turn, and every second factor the other way round, so that the kernel stays centred.
    order = sorted(range(len(axes)), key=lambda i: (i if axes[i] == 0 else i - (height - 1), axes[i]))
    taps = np.array([[0.0, 1.0], [1.0, -1.0]])
    return [
        (index, np.expand_dims(taps[::-1] if position // 2 % 2 else taps, 1 - axes[index]))
        for position, index in enumerate(order)
    ]


def _each(height: int, width: int) -> NDArray[Any]:
    """Taps of which each is one term, shape (height, width, height · width)."""
    return np.eye(height * width).reshape(height, width, -1)


def _convolved(factor: NDArray[Any], taps: NDArray[Any]) -> NDArray[Any]:
    """How the taps of a factor and taps together are made of products of their terms."""
    (h, w, m), (h2, w2, n) = taps.shape, factor.shape
    found = np.zeros((h + h2 - 1, w + w2 - 1, n, m))
    for i, j in np.ndindex(h2, w2):
        found[i : i + h, j : j + w] += factor[i, j][:, None] * taps[:, :, None]
    return found.reshape(*found.shape[:2], n * m)


def _side_by_side(kernel: Any) -> Any:
    """The taps of a kernel as one matrix."""
    h, w, rows, columns = kernel.shape
    taps = ops.unstack(ops.reshape(kernel, (h * w, rows, columns)), h * w)
    return ops.concatenate(taps, axis=1) if len(taps) > 1 else taps[0]


def _added_up(terms: Any, places: NDArray[Any], size: tuple[int, int], below: bool) -> Any:
    """The kernel of terms that are below each other or side by side."""
    height, width, count = places.shape
    if not below:
        terms = ops.stack(ops.split(terms, count, axis=1))
    made_of = ops.convert_to_tensor(places.reshape(-1, count), dtype=terms.dtype)
    return ops.reshape(ops.matmul(made_of, ops.reshape(terms, (count, -1))), (height, width, *size))


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

    def effective_kernel(self) -> Any:
        """The kernel, put together."""
        patches = with_projected_gradient(ops.copy(self.patch), StackedSpectralBall().tangent)
        patches = orthonormal_factors(patches)
        bases = None if self.bases is None else orthonormal_factors(ops.copy(self.bases))
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
        return orthogonal_kernel(bases, patch, self._factor_size, first=self._expand_first)

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
