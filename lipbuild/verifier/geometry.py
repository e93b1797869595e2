"""Where a convolution or a pooling reads, with TensorFlow's conventions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.floats import Array


@dataclass(frozen=True)
class Axis:
    """One spatial axis: output j reads the inputs stride·j + dilation·a − left for the taps a < size.

    Args:
        size: Taps.
        stride: Inputs between two outputs.
        dilation: Inputs between two taps.
        length: Inputs.
        outputs: Outputs.
        left: Zeros before the first input.
    """

    size: int
    stride: int
    dilation: int
    length: int
    outputs: int
    left: int

    @property
    def extent(self) -> int:
        """Inputs from the first tap to the last."""
        return (self.size - 1) * self.dilation + 1

    @property
    def right(self) -> int:
        """Zeros after the last input that the windows need."""
        return max((self.outputs - 1) * self.stride + self.extent - self.left - self.length, 0)

    def fits(self, period: int) -> bool:
        """Whether nothing wraps around on a circle of period · stride inputs.

        All inputs must have a place, and what is left of them and right of them that windows read must be apart.
        """
        read = (self.outputs - 1) * self.stride + self.extent
        return period * self.stride >= max(self.length + self.left, read - self.left, self.length) and (
            period >= self.outputs
        )


def axis_of(where: str, size: int, stride: int, dilation: int, padding: str, length: int) -> Axis:
    """An axis by Keras's arguments.

    Raises:
        RefusedError: If they do not fit.
    """
    extent = (size - 1) * dilation + 1
    if min(size, stride, dilation, length) < 1 or padding not in {"valid", "same", "causal"}:
        raise RefusedError(
            where, f"reads {length} inputs with {size} taps, {stride}, {dilation}, {padding!r}"
        )
    if padding == "valid":
        if length < extent:
            raise RefusedError(where, f"reads windows of {extent} from {length} inputs")
        return Axis(size, stride, dilation, length, (length - extent) // stride + 1, 0)
    outputs = math.ceil(length / stride)
    if padding == "causal":
        return Axis(size, stride, dilation, length, outputs, extent - 1)
    missing = max((outputs - 1) * stride + extent - length, 0)
    return Axis(size, stride, dilation, length, outputs, missing // 2)


def windows(x: Array, axes: Sequence[Axis], filling: float = 0.0) -> Array:
    """All windows of padded samples: (samples, *outputs, channels, *taps)."""
    padded = np.pad(x, [(0, 0), *((a.left, a.right) for a in axes), (0, 0)], constant_values=filling)
    spatial = tuple(range(1, len(axes) + 1))
    view = np.lib.stride_tricks.sliding_window_view(padded, [a.extent for a in axes], axis=spatial)
    steps = [slice(None), *(slice(0, (a.outputs - 1) * a.stride + 1, a.stride) for a in axes), slice(None)]
    steps += [slice(None, None, a.dilation) for a in axes]
    return np.asarray(view[tuple(steps)])


def convolved(x: Array, kernel: Array, axes: Sequence[Axis], groups: int) -> Array:
    """The convolution of samples by a kernel (*taps, inputs of a group, outputs)."""
    views = windows(x, axes)
    inputs, outputs = kernel.shape[-2], kernel.shape[-1] // groups
    taps = tuple(range(len(axes)))
    # The channels' axis of the windows, then the taps', against those of the kernel.
    contracted = ((len(axes) + 1, *(len(axes) + 2 + t for t in taps)), (len(axes), *taps))
    parts = []
    for g in range(groups):
        channels = [slice(None)] * (len(axes) + 1) + [slice(g * inputs, (g + 1) * inputs)]
        parts.append(
            np.tensordot(views[tuple(channels)], kernel[..., g * outputs : (g + 1) * outputs], contracted)
        )
    return np.concatenate(parts, axis=-1)


def adjoint_convolved(x: Array, kernel: Array, axes: Sequence[Axis]) -> Array:
    """The adjoint of a convolution with `axes`: its outputs are read, and its inputs written.

    Zeros between the samples of x make it a convolution of stride 1 by the mirrored kernel.
    """
    spread = np.zeros((len(x), *((a.outputs - 1) * a.stride + 1 for a in axes), x.shape[-1]))
    places = [slice(None), *(slice(None, None, a.stride) for a in axes)]
    spread[tuple(places)] = x
    # Place i of the whole result is the input i − left; outside the inputs it was padding.
    margins = [(a.extent - 1, a.extent - 1) for a in axes]
    padded = np.pad(spread, [(0, 0), *margins, (0, 0)])
    mirrored = np.swapaxes(np.flip(kernel, tuple(range(len(axes)))), -1, -2)
    whole_axes = [
        Axis(a.size, 1, a.dilation, length, length - a.extent + 1, 0)
        for a, length in zip(axes, padded.shape[1:-1], strict=True)
    ]
    whole = convolved(padded, mirrored, whole_axes, 1)
    needed = [(0, max(a.left + a.length - n, 0)) for a, n in zip(axes, whole.shape[1:-1], strict=True)]
    whole = np.pad(whole, [(0, 0), *needed, (0, 0)])
    inside = [slice(None), *(slice(a.left, a.left + a.length) for a in axes)]
    return whole[tuple(inside)]
