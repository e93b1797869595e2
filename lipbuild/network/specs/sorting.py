"""The activations that sort channels: every gradient keeps its norm."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from lipbuild.network import operations as ops
from lipbuild.network.shapes import Shape, ShapeError, channels_of
from lipbuild.network.specs.coefficients import ScaledSpec
from lipbuild.network.specs.common import Size
from lipbuild.network.specs.layer import Facts


class GroupSort2(ScaledSpec):
    """Pairs of channels sorted, times k: constant k, and every gradient keeps its norm (Anil et al. 2019)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a maximum and a minimum",
        keras="ReLU",
        paper="Anil, Lucas & Grosse 2019",
    )

    pairing: Literal["halves", "neighbours"] = Field(
        "halves",
        description="`halves` pairs channels i and i + C/2, which is faster; `neighbours` 2i and 2i + 1.",
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """Pairs sorted, times k; the last dimension must be even."""
        channels = channels_of(shapes[0], self.kind)
        if channels % 2:
            raise ShapeError(
                f"`GroupSort2` sorts channels in pairs, and its input has {channels}",
                help=f"give the layer before it {channels + 1} units (or filters), or use `FullSort`",
                rule="indivisible-group-sort",
            )
        return ops.GroupSort(2), self.scale()


class GroupSort(ScaledSpec):
    """Groups of n channels sorted, times k: constant k, and every gradient keeps its norm (Anil et al. 2019)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a sort of n values",
        keras="ReLU",
        paper="Anil, Lucas & Grosse 2019",
    )

    n: Size | None = Field(
        None, description="The size of the groups, which divides the channels. Default: all channels."
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """Groups sorted, times k; n must divide the last dimension."""
        channels = channels_of(shapes[0], self.kind)
        if self.n is None or channels <= self.n:
            return ops.Sort(), self.scale()
        if channels % self.n:
            raise ShapeError(
                f"`GroupSort` sorts groups of {self.n} channels, and its input has {channels}",
                field="n",
                help=f"use {_divisors(channels, self.n)}, or leave `n` out to sort all channels",
                rule="indivisible-group-sort",
            )
        return ops.GroupSort(self.n), self.scale()


class FullSort(ScaledSpec):
    """All channels sorted, times k: constant k, and every gradient keeps its norm (Anil et al. 2019)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a sort of all values",
        keras="ReLU",
        paper="Anil, Lucas & Grosse 2019",
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """All channels sorted, times k."""
        return ops.Sort(), self.scale()


class MaxMin(ScaledSpec):
    """k·[max(x, 0), max(−x, 0)], which doubles the channels: constant exactly k."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="twice the channels",
        keras="ReLU",
        paper="Blot, Cord & Thome 2016",
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """What is above zero and what is below, times k."""
        return ops.MaxMin(), self.scale()


def _divisors(channels: int, near: int) -> str:
    """The divisors of the channels next to a number."""
    found = [n for n in range(2, channels + 1) if channels % n == 0]
    below, above = [n for n in found if n < near][-1:], [n for n in found if n > near][:1]
    return " or ".join(map(str, below + above)) or str(channels)
