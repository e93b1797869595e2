"""The layers that move pixels: into channels, back, and by one."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from lipbuild.network.operations import DepthToSpace, Operation, Shift, SpaceToDepth
from lipbuild.network.shapes import Shape, ShapeError, channels_of
from lipbuild.network.specs.coefficients import ScaledSpec
from lipbuild.network.specs.common import SizePair
from lipbuild.network.specs.layer import Facts
from lipbuild.shares import shift_group


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


class SpatialShift(ScaledSpec):
    """k times the image with four groups of its channels moved by a pixel: constant exactly k (Hu et al. 2026)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept, but at the edges for `zeros`",
        cost="moves values",
        in_place_of="Conv2D",
        paper="Hu, Hu & Fredrikson 2026",
    )

    share: float = Field(
        0.5, gt=0, le=1, description="The share of the channels that move, a quarter of it in each direction."
    )
    padding: Literal["circular", "zeros"] = Field(
        "circular",
        description="`circular` brings back at the other edge what leaves at one; `zeros` loses it.",
    )

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """The groups moved, times k."""
        channels = channels_of(shapes[0], self.kind)
        if not shift_group(self.share, channels):
            raise ShapeError(
                f"a share of {self.share:g} of {channels} channels does not make four groups of one channel each",
                field="share",
                help="use a greater `share`, or more channels before it",
            )
        return Shift(), self.scale()
