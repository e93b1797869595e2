from pydantic import Field

from lipbuild.network.specs.common import SizePair
from lipbuild.network.specs.scaled import ScaledSpec


class InvertibleSamplingSpec(ScaledSpec):
    """The base of the layers that move pixels into channels and back."""

    pool_size: SizePair = Field(description="Height and width of the window: one number, or two.")
