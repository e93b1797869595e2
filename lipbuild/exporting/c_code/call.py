from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.network import NetworkNode
from lipbuild.exporting.c_code.arithmetic import Arithmetic

Shape = tuple[int, ...]
Values = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Call:
    """One operation of a program.

    Attributes:
        number: Its place in the network, from 1.
        node: The node that it computes, with the arrays as they stand in C.
        shapes: The shapes that it reads.
        shape: The shape that it writes.
        arithmetic: What it computes in.
        reads: What it reads, as C expressions.
        target: What it writes, as a C expression.
    """

    number: int
    node: NetworkNode
    shapes: Sequence[Shape]
    shape: Shape
    arithmetic: Arithmetic
    reads: Sequence[str] = field(default=("x",))
    target: str = "y"

    @property
    def x(self) -> str:
        """The only thing that it reads."""
        return self.reads[0]

    @property
    def y(self) -> str:
        """What it writes."""
        return self.target

    @property
    def type(self) -> str:
        """The type of its numbers in C."""
        return self.arithmetic.type

    @property
    def size(self) -> int:
        """How many numbers it writes."""
        return math.prod(self.shape)

    def array(self, key: str) -> str:
        """What one of its arrays is called in C."""
        return f"{key}_{self.number}"

    def values(self, key: str) -> Values:
        """One of its arrays in the arithmetic of the program."""
        return np.asarray(self.node.arrays[key], self.arithmetic.dtype)

    def literal(self, value: float) -> str:
        """A constant."""
        text = self.arithmetic.literal(value)
        return f"({text})" if text.startswith("-") else text

    def number_of(self, value: float) -> Any:
        """The same in NumPy."""
        return self.arithmetic.dtype(value)
