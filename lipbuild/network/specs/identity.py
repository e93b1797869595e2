from __future__ import annotations

from typing import ClassVar

from lipbuild.network.shapes import Shape
from lipbuild.network.specs.elementwise import ElementwiseSpec
from lipbuild.network.specs.facts import Facts


class Identity(ElementwiseSpec):
    """The input as it is: constant 1. A place to put a name to."""

    facts: ClassVar[Facts] = Facts(
        constant="1",
        exact=True,
        gradient="kept",
    )

    def gain(self, shape: Shape) -> float:
        """1."""
        return 1.0
