from typing import ClassVar

from pydantic import Field

from lipbuild.config.augmentation.augment_spec import AugmentSpec


class GaussianNoise(AugmentSpec):
    """Independent normal noise added to every value."""

    images_only: ClassVar[bool] = False

    stddev: float = Field(gt=0, le=1e6, description="Its standard deviation, in the units of the data.")
