from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, Task
from lipbuild.config.losses.radius_loss import RadiusLossSpec


class MulticlassSoftHKR(RadiusLossSpec):
    """`MulticlassHKR` with the wrong classes weighed by a softmax: for many classes."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    alpha: float = Field(10.0, gt=0, description="The weight of the hinge.")
    min_margin: float | None = Field(
        None,
        ge=0,
        description="The margin that the hinge asks for; 1 where neither it nor `target_radius` is given.",
    )
    alpha_mean: float = Field(
        0.99, ge=0, lt=1, description="How much of the running mean of |f| a batch leaves."
    )
    temperature: float = Field(1.0, gt=0, description="Large weighs the nearest wrong classes more.")
