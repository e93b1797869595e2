from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.losses.loss import Labels, LossSpec, Task


class HingeMargin(LossSpec):
    """max(0, m/2 − y·f), y = ±1."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "sign"

    min_margin: float = Field(1.0, ge=0, description="m: the margin between the two classes.")
