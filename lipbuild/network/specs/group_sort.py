from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError, channels_of
from lipbuild.network.specs.common import Size
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.scaled import ScaledSpec


class GroupSort(ScaledSpec):
    """Groups of n channels sorted, times k: constant k, and every gradient keeps its norm (Anil et al. 2019)."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a sort of n values",
        replaces="ReLU",
        paper="Anil, Lucas & Grosse 2019",
    )

    n: Size | None = Field(
        None, description="The size of the groups, which divides the channels; all of them where left out."
    )

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input; n must divide the last dimension."""
        channels = channels_of(shape, self.kind)
        if self.n is not None and channels > self.n and channels % self.n:
            raise ShapeError(
                f"`GroupSort` sorts groups of {self.n} channels, and its input has {channels}",
                field="n",
                help=f"use {_divisors(channels, self.n)}, or leave `n` out to sort all channels",
                rule="indivisible-group-sort",
            )
        return shape


def _divisors(channels: int, near: int) -> str:
    """The divisors of the channels next to a number."""
    found = [n for n in range(2, channels + 1) if channels % n == 0]
    below, above = [n for n in found if n < near][-1:], [n for n in found if n > near][:1]
    return " or ".join(map(str, below + above)) or str(channels)
