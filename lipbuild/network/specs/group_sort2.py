from typing import ClassVar, Literal

from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError, channels_of
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.scaled import ScaledSpec


class GroupSort2(ScaledSpec):
    """Pairs of channels sorted, times k: constant k, and every gradient keeps its norm (Anil et al. 2019)."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a maximum and a minimum",
        replaces="ReLU",
        paper="Anil, Lucas & Grosse 2019",
    )

    pairing: Literal["halves", "neighbours"] = Field(
        "halves",
        description="`halves` pairs channels i and i + C/2, which is faster; `neighbours` 2i and 2i + 1.",
    )

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input; the last dimension must be even."""
        channels = channels_of(shape, self.kind)
        if channels % 2:
            raise ShapeError(
                f"`GroupSort2` sorts channels in pairs, and its input has {channels}",
                help=f"give the layer before it {channels + 1} units (or filters), or use `FullSort`",
                rule="indivisible-group-sort",
            )
        return shape
