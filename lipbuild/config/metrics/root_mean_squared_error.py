from typing import ClassVar

from lipbuild.config.losses.loss import Task
from lipbuild.config.metrics.metric import MetricSpec


class RootMeanSquaredError(MetricSpec):
    """√E (y − f)²."""

    tasks: ClassVar[tuple[Task, ...]] = ("regression",)

    @property
    def column(self) -> str:
        """Keras's name."""
        return "root_mean_squared_error"
