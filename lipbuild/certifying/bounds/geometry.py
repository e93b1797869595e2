"""Where a convolution reads and writes."""

from __future__ import annotations

import math
from dataclasses import dataclass

PADDINGS = ("valid", "same", "causal")


@dataclass(frozen=True)
class Axis:
    """One spatial axis of a convolution or pooling, with TensorFlow's padding.

    Output j reads the inputs j·stride + a·dilation − left for a in 0 … size − 1.

    Args:
        size: Taps of the kernel.
        stride: Inputs between two outputs.
        dilation: Inputs between two taps.
        padding: `valid`, `same` or `causal`.
        length: Inputs, or None where any length is meant.

    Raises:
        ValueError: If a number is not positive, the padding is unknown, or the kernel is longer than a
            `valid` input.
    """

    size: int
    stride: int = 1
    dilation: int = 1
    padding: str = "valid"
    length: int | None = None

    def __post_init__(self) -> None:
        if min(self.size, self.stride, self.dilation) < 1 or (self.length is not None and self.length < 1):
            raise ValueError(f"sizes, strides, dilations and lengths are positive: {self}")
        if self.padding not in PADDINGS:
            raise ValueError(f"unknown padding {self.padding!r}: not one of {', '.join(PADDINGS)}")
        if self.padding == "valid" and self.length is not None and self.length < self.extent:
            raise ValueError(f"a kernel of extent {self.extent} on a valid input of length {self.length}")

    @property
    def extent(self) -> int:
        """Inputs from the first tap to the last."""
        return (self.size - 1) * self.dilation + 1

    @property
    def outputs(self) -> int:
        """Outputs along the axis; the length must be known."""
        if self.padding == "valid":
            return (self._length - self.extent) // self.stride + 1
        return math.ceil(self._length / self.stride)

    @property
    def left(self) -> int:
        """Zeros before the first input."""
        if self.padding == "valid":
            return 0
        if self.padding == "causal":
            return self.extent - 1
        return max((self.outputs - 1) * self.stride + self.extent - self._length, 0) // 2

    @property
    def period(self) -> int:
        """The least number of outputs of a circulant operator of which this one is a compression.

        On a circle of N·stride inputs nothing wraps around if N·stride >= max(R − left, left + length), where
        R = (outputs − 1)·stride + extent is what the outputs span (the last output reads up to R − left − 1,
        the first one from −left).
        """
        span = (self.outputs - 1) * self.stride + self.extent
        return math.ceil(max(span - self.left, self.left + self._length, self._length) / self.stride)

    @property
    def degree(self) -> int:
        """Degree of the symbol in e^{iω}, ω the frequency of the outputs."""
        return (self.extent - 1) // self.stride

    @property
    def _length(self) -> int:
        if self.length is None:
            raise ValueError("the length of the axis is not known")
        return self.length
