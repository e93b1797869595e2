from typing import ClassVar

from lipbuild.config.losses.loss import Task
from lipbuild.config.metrics.metric import MetricSpec


class MeanAbsoluteError(MetricSpec):
    """E |y − f|."""

    tasks: ClassVar[tuple[Task, ...]] = ("regression",)

    @property
    def column(self) -> str:
        """Keras's name."""
        return "mean_absolute_error"
