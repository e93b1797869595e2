"""Orthogonalisation of a convolution as an operator, by the same cubic as a matrix, in a few frequencies."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from lipbuild.normalizers.retraction import kernel_dtype, norm_upper_bound

_NEAR = 1.4
"""Largest squared singular value that rescaling leaves: the cubic maps it to .9, and from 3 on below 0."""

_DENSITY = 6
"""Points an axis of the grid of the norm bound, for each tap after the first."""

_SQUARINGS = 2
"""Of a symbol's Gram matrix in the norm bound."""


class OperatorSteps:
    """What brings convolutions of one geometry towards orthogonal operators, and bounds their norms.

    A convolution of stride s is one of stride 1 over cells of s inputs an axis. At a frequency ω that is the matrix
    `K̂(ω) = Σ_q K_q e^{iω·q}`, and on an image without borders its singular values are those of all K̂(ω). The cubic
    `K̂ (1.5 I - 0.5 K̂*K̂)` moves them to 1 as it does those of a matrix. It has more taps than K, and those that K does
    not have are left out. With k taps an axis (over cells) 2k - 1 frequencies are enough for the others to be exact.

    Zero padding, cropping and dilation leave no norm larger, so that a bound holds for every image.

    Args:
        kernel_size: Taps of each axis.
        strides: Of each axis.
        groups: The last axis of a kernel is made of this many blocks, each an operator by itself.
    """

    def __init__(self, kernel_size: Sequence[int], strides: Sequence[int], groups: int = 1) -> None:
        self.kernel_size = tuple(kernel_size)
        self.strides = tuple(strides)
        self.groups = groups
        self.shifts = tuple(math.ceil(k / s) for k, s in zip(kernel_size, strides, strict=True))
        self._grid = _Grid(self.shifts, [2 * n - 1 for n in self.shifts])

    def rank(self, kernel_shape: Sequence[int]) -> int:
        """The squared Frobenius norm of an orthogonal kernel of this shape."""
        *_, inputs, outputs = kernel_shape
        return self.groups * min(math.prod(self.strides) * inputs, outputs // self.groups)

    def step(self, kernel: Any) -> tuple[Any, Any]:
        """One cubic step, of a kernel that is first scaled to where the cubic is monotone.

        Args:
            kernel: Shape (*kernel_size, inputs / groups, outputs), of any magnitude. A NaN gives NaN.

        Returns:
            The kernel, whose norm may be somewhat above 1; and the root mean square of the eigenvalues of K̂*K̂ - I
            before, of the frequency and the group where it is largest.
        """
        # Entries of at most 1, so that nothing overflows. Infinity becomes NaN.
        kernel = kernel / ops.maximum(ops.max(ops.abs(kernel)), 1.0)
        drifts: list[Any] = []

        def one(k: Any) -> Any:
            pairs = self._grid.pairs(k)
            gram = self._grid.gram(pairs, pairs)
            order = k.shape[-1]
            trace = ops.sum(gram * np.eye(order, 2 * order, dtype=kernel_dtype(k)), axis=(-2, -1))
            square = ops.sum(ops.square(gram), axis=(-2, -1))
            # ‖K̂*K̂ - I‖² of each frequency. Below 4 every squared singular value is under 3.
            off = ops.max(square - 2.0 * trace) + order
            drifts.append(ops.sqrt(ops.maximum(off / order, 0.0)))
            # Wolkowicz & Styan, see `retraction`.
            variance = ops.maximum(square * order - ops.square(trace), 0.0) * (order - 1.0)
            largest = ops.max(trace + ops.sqrt(variance)) / (_NEAR * order)
            over = ops.where(off <= min(4.0, 0.01 * order), 1.0, ops.maximum(largest, 1.0))
            # The Gram matrix is Hermitian: its transpose is its real part over its negative imaginary part.
            cubed = self._grid.times(pairs, _transpose(gram))
            return (1.5 * k - (0.5 / over) * cubed) / ops.sqrt(over)

        return self._on_blocks(one, kernel), drifts[0]

    def tangent(self, kernel: Any, gradient: Any) -> Any:
        """`G - K sym(K*G)`, the part of a gradient along the orthogonal operators, without the taps that K has not."""

        def one(k: Any, g: Any) -> Any:
            # Of both at once: for few channels the operations cost more than their products.
            pairs = self._grid.pairs(ops.concatenate([k, g], axis=0))
            of_kernel = pairs[: self.groups]
            product = self._grid.gram(of_kernel, pairs[self.groups :])
            order = k.shape[-1]
            stacked = ops.concatenate([product[..., :order], -product[..., order:]], axis=-2)
            # Twice the Hermitian part.
            return g - 0.5 * self._grid.times(of_kernel, stacked + _transpose(product))

        return self._on_blocks(one, kernel, gradient)

    def norm_bound(self, kernel: Any, *, grid: bool = True) -> Any:
        """An upper bound of the operator's norm, for every size of image.

        It is the least of three. By the blocks of K*K, `σ² <= ‖H_0‖ + Σ_{Δ≠0} ‖H_Δ‖`: cheap, and tight for an
        orthogonal kernel alone. And by a grid of frequencies: `v*(K̂*K̂ - cI)v` is a trigonometric polynomial of degree
        m = k - 1 along an axis, which between N points is at most its maximum there over `cos(πm/N)` (Ehlich & Zeller
        1964); so with c the mean of all σ² and E the largest norm of K̂*K̂ - cI on the grid,
        `σ² <= c + E / Π cos(πm/N)`, tight for a kernel that
        is nearly orthogonal. Last, `σ <= max ‖K̂‖ / Π cos(πm/2N)` (M. Riesz 1914), see `conv_norm_upper_bound`.

        Args:
            kernel: Shape (*kernel_size, inputs / groups, outputs), in float64.
            grid: Whether the grid is looked at, whose cost grows with the cube of the channels.

        Returns:
            The bound, a scalar. NaN for a kernel with a NaN.
        """
        largest = ops.max(ops.abs(kernel))
        unit = ops.where(largest > 0.0, largest, ops.ones_like(largest))
        blocks = self._upright(kernel / unit)
        bound = self._lag_bound(blocks, unit)
        return ops.minimum(bound, self._grid_bound(blocks, unit)) if grid else bound

    def _grid_bound(self, k: Any, unit: Any) -> Any:
        periods = [_DENSITY * (n - 1) or 1 for n in self.shifts]
        degrees = [(n - 1, period) for n, period in zip(self.shifts, periods, strict=True)]
        fine = _Grid(self.shifts, periods)
        pairs = fine.pairs(k)
        product = fine.gram(pairs, pairs)
        real, imaginary = product[..., : k.shape[-1]], product[..., k.shape[-1] :]
        # The real form of a Hermitian matrix has its norm.
        gram = ops.concatenate([product, ops.concatenate([-imaginary, real], axis=-1)], axis=-2)
        riesz = math.prod(math.cos(math.pi * m / (2 * n)) for m, n in degrees)
        norm = unit * ops.sqrt(ops.max(norm_upper_bound(gram, _SQUARINGS))) / riesz
        # The mean of the squared singular values, so that half the kernel has half the bound.
        identity = ops.eye(gram.shape[-1], dtype=gram.dtype)
        middle = ops.sum(gram * identity) / math.prod(gram.shape[:-1])
        between = math.prod(math.cos(math.pi * m / n) for m, n in degrees)
        off = ops.max(norm_upper_bound(gram - middle * identity, _SQUARINGS)) / between
        near = unit * ops.sqrt(middle + off)
        return ops.minimum(norm, near)

    def _lag_bound(self, k: Any, unit: Any) -> Any:
        pairs = self._grid.pairs(k)
        blocks = self._grid.lags(self._grid.gram(pairs, pairs))
        total = norm_upper_bound(blocks[:, 0], _SQUARINGS)[..., 0, 0]
        others = blocks[:, 1:]
        frobenius = ops.sqrt(ops.sum(ops.square(others), axis=(-2, -1)))
        products = ops.matmul(_transpose(others), others)
        fourth = ops.sqrt(ops.sqrt(ops.sum(ops.square(products), axis=(-2, -1))))
        total = total + 2.0 * ops.sum(ops.minimum(frobenius, fourth), axis=1)
        return unit * ops.sqrt(ops.max(total))

    def _on_blocks(self, function: Callable[..., Any], *kernels: Any) -> Any:
        """`function` of kernels as `_upright` stacks, back in their shape."""
        shape = tuple(kernels[0].shape)
        result = function(*(self._upright(kernel) for kernel in kernels))
        return self._kernel(_transpose(result) if self._is_wide(shape) else result, shape)

    def _upright(self, kernel: Any) -> Any:
        """A kernel as (groups, shifts, rows, columns) with at least as many rows as columns."""
        blocks = self._blocks(kernel)
        return _transpose(blocks) if self._is_wide(kernel.shape) else blocks

    def _is_wide(self, shape: Sequence[int]) -> bool:
        return math.prod(self.strides) * shape[-2] < shape[-1] // self.groups

    def _blocks(self, kernel: Any) -> Any:
        axes = len(self.kernel_size)
        *_, inputs, outputs = kernel.shape
        rows, columns = math.prod(self.strides) * inputs, outputs // self.groups
        shape = (self.groups, math.prod(self.shifts), rows, columns)
        if rows == inputs and self.groups == 1:
            return ops.reshape(kernel, shape)
        padding = [
            (0, n * s - k) for n, s, k in zip(self.shifts, self.strides, self.kernel_size, strict=True)
        ]
        x = ops.pad(kernel, [*padding, (0, 0), (0, 0)])
        split = [part for pair in zip(self.shifts, self.strides, strict=True) for part in pair]
        x = ops.reshape(x, (*split, inputs, self.groups, columns))
        order = (2 * axes + 1, *range(0, 2 * axes, 2), *range(1, 2 * axes, 2), 2 * axes, 2 * axes + 2)
        return ops.reshape(ops.transpose(x, order), shape)

    def _kernel(self, blocks: Any, shape: tuple[int, ...]) -> Any:
        axes = len(self.kernel_size)
        *_, inputs, outputs = shape
        if math.prod(self.strides) * self.groups == 1:
            return ops.reshape(blocks, shape)
        columns = outputs // self.groups
        x = ops.reshape(blocks, (self.groups, *self.shifts, *self.strides, inputs, columns))
        pairs = [axis for i in range(axes) for axis in (1 + i, 1 + axes + i)]
        x = ops.transpose(x, (*pairs, 1 + 2 * axes, 0, 2 + 2 * axes))
        whole = [n * s for n, s in zip(self.shifts, self.strides, strict=True)]
        x = ops.reshape(x, (*whole, inputs, outputs))
        return x[tuple(slice(k) for k in self.kernel_size)]


class _Grid:
    """One of each pair ±ω of a grid of frequencies, and kernels there: `K̂(ω) = X + iY`.

    Kernels are stacks (groups, shifts, rows, columns). What stands for K̂ is the pair `[[X, Y], [Y, -X]]`, shape
    (groups, frequencies, 2 rows, 2 columns).

    Args:
        shifts: The kernels' taps of each axis.
        periods: Points of each axis.
    """

    def __init__(self, shifts: Sequence[int], periods: Sequence[int]) -> None:
        self._shifts = tuple(shifts)
        self._points, self._weights = _frequencies(periods)
        self._waves = _waves(self._points, itertools.product(*(range(n) for n in shifts)))
        # X, Y; Y, -X: cos, sin; sin, -cos.
        turned = np.stack([self._waves[:, 1], -self._waves[:, 0]], axis=1)
        self._both = np.stack([self._waves, turned], axis=2).reshape(-1, self._waves.shape[-1])

    def pairs(self, k: Any) -> Any:
        """The pairs of kernels."""
        groups, taps, rows, columns = k.shape
        parts = ops.matmul(
            ops.cast(self._both, kernel_dtype(k)), ops.reshape(k, (groups, taps, rows * columns))
        )
        parts = ops.transpose(ops.reshape(parts, (groups, -1, 2, rows, columns)), (0, 1, 3, 2, 4))
        return ops.reshape(parts, (groups, len(self._weights), 2 * rows, 2 * columns))

    def gram(self, pairs: Any, others: Any) -> Any:
        """The real part of K̂*Ĝ beside its imaginary part."""
        return ops.matmul(_transpose(pairs[..., : pairs.shape[-1] // 2]), others)

    def times(self, pairs: Any, stacked: Any) -> Any:
        """The kernels of `K̂ M` at the shifts that K has, given the real part of M over its negative imaginary part."""
        product = ops.matmul(pairs, stacked)
        groups, frequencies, rows, columns = product.shape
        halves = (groups, 2 * frequencies, rows // 2 * columns)
        kernel = self._back(self._waves, ops.reshape(product, halves))
        return ops.reshape(kernel, (groups, -1, rows // 2, columns))

    def lags(self, gram: Any) -> Any:
        """`H_Δ` of a Gram matrix `Σ_Δ H_Δ e^{iω·Δ}`, for Δ = 0 and then one of each pair ±Δ."""
        spans = (range(1 - n, n) for n in self._shifts)
        places = sorted(lag for lag in itertools.product(*spans) if lag >= tuple(-n for n in lag))
        groups, frequencies, columns, _ = gram.shape
        parts = ops.transpose(ops.reshape(gram, (groups, frequencies, columns, 2, columns)), (0, 1, 3, 2, 4))
        halves = ops.reshape(parts, (groups, 2 * frequencies, columns * columns))
        blocks = self._back(_waves(self._points, places), halves)
        return ops.reshape(blocks, (groups, -1, columns, columns))

    def _back(self, waves: NDArray[np.float64], halves: Any) -> Any:
        """`Σ_ω (cos(ω·q) X + sin(ω·q) Y)` over all points, at the places q of the waves."""
        weighed = waves * self._weights[:, None, None]
        return ops.matmul(ops.cast(weighed.reshape(-1, waves.shape[-1]).T, kernel_dtype(halves)), halves)


def _frequencies(periods: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One of each pair ±ω of a grid, in turns, and how often each counts over the number of points."""
    points, weights = [], []
    for point in itertools.product(*(range(n) for n in periods)):
        mirrored = tuple(-p % n for p, n in zip(point, periods, strict=True))
        if point <= mirrored:
            points.append([p / n for p, n in zip(point, periods, strict=True)])
            weights.append(1.0 if point == mirrored else 2.0)
    return np.array(points), np.array(weights) / math.prod(periods)


def _waves(points: NDArray[np.float64], places: Iterable[tuple[int, ...]]) -> NDArray[np.float64]:
    """`cos(ω·q)` and `sin(ω·q)`, shape (frequencies, 2, places)."""
    angles = 2.0 * np.pi * points @ np.array(list(places), np.float64).T
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _transpose(x: Any) -> Any:
    return ops.swapaxes(x, -1, -2)
