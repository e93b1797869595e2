from typing import ClassVar

from lipbuild.config.losses.loss import Labels, LossSpec, Task


class MeanSquaredError(LossSpec):
    """E (y − f)²."""

    task: ClassVar[Task] = "regression"
    labels: ClassVar[Labels] = "value"
