"""How a kind of operation is computed: in C, and in the same order in NumPy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from lipbuild.certifying.network import NetworkNode
from lipbuild.exporting.c_code.call import Call, Values
from lipbuild.exporting.c_code.code import Code


class Step(ABC):
    """A kind of operation.

    Both forms take the same roundings in the same order, so that without contraction to fused multiply-add they agree
    bit for bit.

    Attributes:
        moves_nothing: Whether the values stay where they are.
        in_place: Whether what it writes may lie where what it reads lies.
    """

    moves_nothing = False
    in_place = False

    def refusal(self, node: NetworkNode) -> str | None:
        """Why a node of this kind cannot be written in C; None where it can be."""
        return None

    @abstractmethod
    def write(self, code: Code, call: Call) -> None:
        """The statements."""

    @abstractmethod
    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same for (samples, *shape) in NumPy."""
