from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.losses.loss import Labels, LossSpec, Task


class MulticlassHKR(LossSpec):
    """−KR + α·hinge, one output against the rest for each class."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    alpha: float = Field(10.0, ge=0, description="The weight of the hinge.")
    min_margin: float = Field(1.0, gt=0, description="The margin that the hinge asks for.")
