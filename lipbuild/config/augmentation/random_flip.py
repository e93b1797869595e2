from typing import Literal

from pydantic import Field

from lipbuild.config.augmentation.augment_spec import AugmentSpec


class RandomFlip(AugmentSpec):
    """An image mirrored with probability ½, in each direction by itself."""

    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = Field(
        "horizontal_and_vertical", description="Left and right exchanged, up and down, or both."
    )
