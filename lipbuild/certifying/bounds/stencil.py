"""A convolution as the proofs see it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lipbuild.certifying.bounds.arrays import Array, exact_float64, scaled
from lipbuild.certifying.bounds.geometry import Axis


@dataclass(frozen=True)
class Stencil:
    """Taps, in float64 and with magnitudes below 1, and the axes that they run over.

    Args:
        taps: (groups, k_1, …, k_d, inputs per group, outputs per group).
        axes: One for each spatial dimension.
        exponent: The taps of the layer are taps · 2^exponent.
    """

    taps: Array
    axes: tuple[Axis, ...]
    exponent: int

    @property
    def bounded(self) -> bool:
        """Whether the input size is known."""
        return all(axis.length is not None for axis in self.axes)

    @property
    def tap_count(self) -> int:
        """Taps of one pair of channels."""
        return int(np.prod([axis.size for axis in self.axes], dtype=np.int64))

    def tap(self, index: tuple[int, ...]) -> Array:
        """(groups, inputs per group, outputs per group): one tap of all groups."""
        flat = int(np.ravel_multi_index(index, [axis.size for axis in self.axes]))
        return self.taps.reshape(self.taps.shape[0], -1, *self.taps.shape[-2:])[:, flat]

    def group(self, index: int) -> Stencil:
        """One group alone."""
        return replace(self, taps=self.taps[index : index + 1])


def stencil_of(kernel: np.ndarray, axes: tuple[Axis, ...], groups: int) -> Stencil:
    """The stencil of a Keras convolution kernel.

    Args:
        kernel: (k_1, …, k_d, inputs / groups, outputs); group g computes the g-th block of outputs from the
            g-th block of inputs.
        axes: One for each spatial dimension.
        groups: Number of groups.

    Returns:
        The stencil, scaled by a power of two.

    Raises:
        TypeError: If the kernel's type is not a floating one of at most 64 bits.
        ValueError: If the kernel does not fit the axes or the groups, or is not finite.
    """
    weights, exponent = scaled(exact_float64(kernel, ndim=len(axes) + 2))
    sizes = tuple(axis.size for axis in axes)
    if weights.shape[: len(axes)] != sizes:
        raise ValueError(f"a kernel of shape {weights.shape} on axes of sizes {sizes}")
    inputs, outputs = weights.shape[-2:]
    if groups < 1 or outputs % groups:
        raise ValueError(f"{outputs} outputs do not divide into {groups} groups")
    taps = weights.reshape(*sizes, inputs, groups, outputs // groups)
    return Stencil(np.ascontiguousarray(np.moveaxis(taps, -2, 0)), axes, exponent)
