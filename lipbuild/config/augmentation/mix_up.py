from typing import ClassVar

from pydantic import Field

from lipbuild.config.augmentation.augment_spec import AugmentSpec


class MixUp(AugmentSpec):
    """λ·x + (1 − λ)·x′ with another sample of the batch, the labels mixed alike; λ from Beta(α, α)."""

    images_only: ClassVar[bool] = False
    mixes: ClassVar[bool] = True

    alpha: float = Field(
        0.2,
        ge=0.05,
        le=100,
        description="α: near 0 one of the two samples prevails, at 1 every λ is as likely.",
    )
