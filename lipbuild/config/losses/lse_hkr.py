from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, Task
from lipbuild.config.losses.radius_loss import RadiusLossSpec


class LseHKR(RadiusLossSpec):
    """α·max(0, m/2 − d) − (1 − α)·d with half the margin d, its maximum smoothed to a log-sum-exp."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    alpha: float = Field(0.9, ge=0, le=1, description="The weight of the hinge against d.")
    min_margin: float | None = Field(
        None,
        ge=0,
        description="The margin that the hinge asks for; 1 where neither it nor `target_radius` is given.",
    )
    temperature: float = Field(1.0, gt=0, description="Large is nearer to the maximum.")
