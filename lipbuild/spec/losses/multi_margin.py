from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.losses.loss import Labels, LossSpec, Task


class MultiMargin(LossSpec):
    """Σ_{i≠y} max(0, m − f_y + f_i)/C."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    min_margin: float = Field(1.0, ge=0, description="m: how far each wrong class is to stay below.")
