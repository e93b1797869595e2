from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, Task
from lipbuild.config.losses.radius_loss import RadiusLossSpec


class CategoricalHinge(RadiusLossSpec):
    """max(0, m + max_{j≠y} f_j − f_y)."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    min_margin: float | None = Field(
        None,
        ge=0,
        description="m: the margin; 1 where neither it nor `target_radius` is given.",
    )
