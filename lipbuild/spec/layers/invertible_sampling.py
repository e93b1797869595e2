from lipbuild.spec.field import Field
from lipbuild.spec.layers.common import SizePair
from lipbuild.spec.layers.scaled import ScaledSpec


class InvertibleSamplingSpec(ScaledSpec):
    """The base of the layers that move pixels into channels and back."""

    pool_size: SizePair = Field(description="Height and width of the window: one number, or two.")
