from pydantic import Field

from lipbuild.config.augmentation.augment_spec import AugmentSpec


class RandomTranslation(AugmentSpec):
    """An image shifted by a random number of whole pixels up or down and left or right."""

    height_factor: float = Field(
        ge=0, le=1, description="The greatest shift up or down, as a share of the height."
    )
    width_factor: float = Field(
        ge=0, le=1, description="The greatest shift to the left or right, as a share of the width."
    )
    fill_value: float = Field(0.0, description="The value of the pixels that come in.")
