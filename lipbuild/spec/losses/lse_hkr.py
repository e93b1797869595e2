from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.losses.loss import Labels, LossSpec, Task


class LseHKR(LossSpec):
    """α·max(0, m/2 − d) − (1 − α)·d with half the margin d, its maximum smoothed to a log-sum-exp."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    alpha: float = Field(0.9, ge=0, le=1, description="The weight of the hinge against d.")
    min_margin: float = Field(1.0, ge=0, description="The margin that the hinge asks for.")
    temperature: float = Field(1.0, gt=0, description="Large is nearer to the maximum.")
