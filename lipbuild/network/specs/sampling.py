"""The layers that move pixels into channels, and back."""

from collections.abc import Sequence

from pydantic import Field

from lipbuild.network.operations import DepthToSpace, Operation, SpaceToDepth
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.coefficients import ScaledSpec
from lipbuild.network.specs.common import SizePair
from lipbuild.network.specs.layer import Facts


class InvertibleSamplingSpec(ScaledSpec):
    """The base of the layers that move pixels into channels and back."""

    pool_size: SizePair = Field(description="Height and width of the window: one number, or two.")


class InvertibleDownSampling(InvertibleSamplingSpec):
    """k times a permutation that moves each window of ph·pw pixels into channels: constant exactly k."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="moves values",
        in_place_of="MaxPooling2D, AveragePooling2D",
        paper="Shi et al. 2016",
    )

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """The permutation, times k."""
        return SpaceToDepth(self.pool_size), self.scale()


class InvertibleUpSampling(InvertibleSamplingSpec):
    """k times a permutation that moves groups of ph·pw channels into windows of pixels: constant exactly k."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="moves values",
        in_place_of="UpSampling2D",
        paper="Shi et al. 2016",
    )

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """The permutation, times k."""
        return DepthToSpace(self.pool_size), self.scale()
