from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Task
from lipbuild.config.metrics.metric import MetricSpec


class BinaryProvableAvgRobustness(MetricSpec):
    """The mean certified radius, |f|/L: 0 where the sign is wrong."""

    tasks: ClassVar[tuple[Task, ...]] = ("binary",)
    takes_constant: ClassVar[bool] = True

    negative_robustness: bool = Field(
        False, description="Whether wrong signs count with −|f|/L instead of 0."
    )
