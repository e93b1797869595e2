from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, Task
from lipbuild.config.losses.radius_loss import RadiusLossSpec


class MulticlassHKR(RadiusLossSpec):
    """−KR + α·hinge, one output against the rest for each class."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    alpha: float = Field(10.0, ge=0, description="The weight of the hinge.")
    min_margin: float | None = Field(
        None,
        gt=0,
        description="The margin that the hinge asks for; 1 where neither it nor `target_radius` is given.",
    )
