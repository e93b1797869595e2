from __future__ import annotations

from typing import ClassVar

from lipbuild.network.shapes import Shape
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.global_pooling2d import GlobalPooling2DSpec


class GlobalMaxPooling2D(GlobalPooling2DSpec):
    """The greatest value of each channel: constant 1."""

    facts: ClassVar[Facts] = Facts(
        constant="1",
        exact=True,
        gradient="kept",
    )

    def gain(self, shape: Shape) -> float:
        """1."""
        return 1.0
