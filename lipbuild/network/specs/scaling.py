"""Factors and translations."""

import math
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from lipbuild.network.operations import Centering, Offset, Operation, PositionalOffset, Scale
from lipbuild.network.rounding import float32_down
from lipbuild.network.shapes import Shape, channels_of, known_shape
from lipbuild.network.specs.coefficients import ScaledSpec
from lipbuild.network.specs.common import BiasInitializer
from lipbuild.network.specs.layer import Facts, LayerSpec


class Rescaling(LayerSpec):
    """x·scale + offset: constant |scale|."""

    facts = Facts(constant="|scale|", exact=True, gradient="kept")

    scale: float = Field(ge=-1e6, le=1e6, description="The factor.")
    offset: float = Field(0.0, description="What is added afterwards.")

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """The factor and the offset."""
        return (Scale(float32_down(abs(self.scale)), is_alike=self.offset == 0.0),)

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them; the scale rounded towards zero to a float32."""
        scale = float32_down(abs(self.scale))
        return {"scale": scale if self.scale >= 0 else -scale, "offset": self.offset}


class CenteringSpec(ScaledSpec):
    """The base of the layers that subtract a mean and add a learned bias."""

    use_bias: bool = Field(True, description="Whether a bias is added.")

    def parameters(self, shape: Shape) -> int:
        """A bias a channel."""
        return channels_of(shape, self.kind) if self.use_bias else 0


class BatchCentering(CenteringSpec):
    """k·(x − running mean) + b: a translation at inference, constant exactly k."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a mean over the batch in training",
        keras="BatchNormalization",
    )

    momentum: float = Field(0.05, gt=0, le=1, description="The weight of a batch in the running mean.")

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """A factor and a translation."""
        return self.scale(), Offset()


class LayerCentering(CenteringSpec):
    """k·(x − mean of x over its pixels) + b, per sample and channel: a projection, constant exactly k."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept, but for the mean",
        cost="a mean a sample",
        keras="LayerNormalization",
    )

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """A projection, a factor and a translation."""
        return Centering(), self.scale(), Offset()


class PositionalBias(ScaledSpec):
    """k·x + b with a learned b for each position and channel: a translation, constant exactly k (Hu et al. 2026)."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a sum",
        in_place_of="Embedding",
        paper="Hu, Hu & Fredrikson 2026",
    )

    bias_initializer: BiasInitializer = Field("zeros", description="What b starts from.")

    def parameters(self, shape: Shape) -> int:
        """A number for each value of a sample."""
        return math.prod(known_shape(shape))

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """A factor and a translation."""
        return (PositionalOffset(self.scale().constant),)
