from typing import ClassVar

from lipbuild.config.losses.loss import Labels, LossSpec, Task


class MeanAbsoluteError(LossSpec):
    """E |y − f|."""

    task: ClassVar[Task] = "regression"
    labels: ClassVar[Labels] = "value"
