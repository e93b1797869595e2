from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, Task
from lipbuild.config.losses.radius_loss import RadiusLossSpec


class MulticlassHinge(RadiusLossSpec):
    """max(0, m/2 − s_i·f_i), the mean over the classes i with the true one counting C − 1 times."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    min_margin: float | None = Field(
        None,
        ge=0,
        description="m: the margin of each class against the rest; 1 where neither it nor `target_radius` is given.",
    )
