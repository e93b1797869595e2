from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.losses.loss import Labels, LossSpec, Task


class CategoricalHinge(LossSpec):
    """max(0, m + max_{j≠y} f_j − f_y)."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    min_margin: float = Field(1.0, ge=0, description="m: the margin; Keras's own loss of this name has 1.")
