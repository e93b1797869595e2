from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.losses.loss import Labels, LossSpec, Task


class MulticlassHinge(LossSpec):
    """max(0, m/2 − s_i·f_i), the mean over the classes i with the true one counting C − 1 times."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    min_margin: float = Field(1.0, ge=0, description="m: the margin of each class against the rest.")
