from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.losses.loss import Task
from lipbuild.spec.metrics.metric import MetricSpec


class BinaryProvableAvgRobustness(MetricSpec):
    """The mean certified radius, |f|/L: 0 where the sign is wrong."""

    tasks: ClassVar[tuple[Task, ...]] = ("binary",)
    takes_constant: ClassVar[bool] = True

    negative_robustness: bool = Field(
        False, description="Whether wrong signs count with −|f|/L instead of 0."
    )
