from __future__ import annotations

from typing import ClassVar

from lipbuild.network.shapes import Shape, channels_of
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.scaled import ScaledSpec


class FullSort(ScaledSpec):
    """All channels sorted, times k: constant k, and every gradient keeps its norm (Anil et al. 2019)."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a sort of all values",
        replaces="ReLU",
        paper="Anil, Lucas & Grosse 2019",
    )

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        channels_of(shape, self.kind)
        return shape
