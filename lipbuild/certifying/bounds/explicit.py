"""The matrix of a convolution on an input of known size."""

from __future__ import annotations

import itertools
import math

import numpy as np

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.stencil import Stencil


def explicit_shape(stencil: Stencil) -> tuple[int, int]:
    """Rows (inputs) and columns (outputs) of the matrix of one group."""
    inputs = math.prod(axis.length or 0 for axis in stencil.axes)
    outputs = math.prod(axis.outputs for axis in stencil.axes)
    return inputs * stencil.taps.shape[-2], outputs * stencil.taps.shape[-1]


def explicit_is_small(stencil: Stencil, explicit_order: int) -> bool:
    """Whether the matrices of all groups are of an order that is worth their time."""
    rows, columns = explicit_shape(stencil)
    entries = rows * columns * stencil.taps.shape[0]
    return min(rows, columns) <= explicit_order and entries <= 8 * explicit_order**2


def explicit_matrices(stencil: Stencil) -> Array:
    """The matrices of the groups, without a rounding: each entry is a tap or zero.

    Args:
        stencil: a convolution on a known input size.

    Returns:
        (groups, rows, columns), with y = x · matrix for a flattened channels-last x.
    """
    taps, axes = stencil.taps, stencil.axes
    inputs = [axis.length or 0 for axis in axes]
    outputs = [axis.outputs for axis in axes]
    groups, channels_in, channels_out = taps.shape[0], taps.shape[-2], taps.shape[-1]
    matrix = np.zeros((groups, math.prod(inputs), channels_in, math.prod(outputs), channels_out))
    for tap in itertools.product(*(range(axis.size) for axis in axes)):
        sources, targets = np.zeros(1, np.int64), np.zeros(1, np.int64)
        for axis, a, length, count in zip(axes, tap, inputs, outputs, strict=True):
            target = np.arange(count)
            source = target * axis.stride + a * axis.dilation - axis.left
            inside = (source >= 0) & (source < length)
            sources = (sources[:, None] * length + source[inside]).ravel()
            targets = (targets[:, None] * count + target[inside]).ravel()
        # Two taps never join the same input to the same output, so nothing is summed.
        matrix[:, sources, :, targets, :] = stencil.tap(tap)
    rows, columns = explicit_shape(stencil)
    return matrix.reshape(groups, rows, columns)
