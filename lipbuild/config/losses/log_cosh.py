from typing import ClassVar

from lipbuild.config.losses.loss import Labels, LossSpec, Task


class LogCosh(LossSpec):
    """E log cosh(y − f)."""

    task: ClassVar[Task] = "regression"
    labels: ClassVar[Labels] = "value"
