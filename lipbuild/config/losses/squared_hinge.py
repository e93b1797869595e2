from typing import ClassVar

from lipbuild.config.losses.loss import Labels, LossSpec, Task


class SquaredHinge(LossSpec):
    """max(0, 1 − y·f)², y = ±1."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "sign"
