from __future__ import annotations

from typing import ClassVar

from lipbuild.spec.layers.facts import Facts
from lipbuild.spec.layers.global_pooling2d import GlobalPooling2DSpec
from lipbuild.spec.shapes import Shape


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
