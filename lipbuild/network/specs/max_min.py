from __future__ import annotations

from typing import ClassVar

from lipbuild.network.shapes import Shape, channels_of
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.scaled import ScaledSpec


class MaxMin(ScaledSpec):
    """k·[max(x, 0), max(−x, 0)], which doubles the channels: constant exactly k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="twice the channels",
        replaces="ReLU",
        paper="Blot, Cord & Thome 2016",
    )

    def output_shape(self, shape: Shape) -> Shape:
        """Twice the channels."""
        return (*shape[:-1], 2 * channels_of(shape, self.kind))
