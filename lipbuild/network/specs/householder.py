from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError, channels_of, format_shape
from lipbuild.network.specs.common import BiasInitializer
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.scaled import ScaledSpec


class Householder(ScaledSpec):
    """Pairs of channels beyond a learned line reflected at it, times k: constant k (Singla et al. 2022)."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="two products a value",
        replaces="ReLU",
        paper="Singla, Singla & Feizi 2022",
    )

    theta_initializer: BiasInitializer | None = Field(
        None, description="What the angles of the lines start from; π/2, which sorts pairs, where left out."
    )

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input; the last dimension must be even."""
        channels = channels_of(shape, self.kind)
        if channels % 2:
            raise ShapeError(
                f"`Householder` pairs channels, and its input {format_shape(shape)} has {channels} of them",
                help=f"give the layer before it {channels + 1} units (or filters)",
                rule="indivisible-group-sort",
            )
        return shape

    def parameters(self, shape: Shape) -> int:
        """An angle a pair of channels."""
        return channels_of(shape, self.kind) // 2
