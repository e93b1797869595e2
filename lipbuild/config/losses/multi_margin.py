from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, Task
from lipbuild.config.losses.radius_loss import RadiusLossSpec


class MultiMargin(RadiusLossSpec):
    """Σ_{i≠y} max(0, m − f_y + f_i)/C."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    min_margin: float | None = Field(
        None,
        ge=0,
        description="m: how far each wrong class is to stay below; 1 where neither it nor `target_radius` is given.",
    )
