from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Task
from lipbuild.config.metrics.metric import MetricSpec


class CategoricalProvableAvgRobustness(MetricSpec):
    """The mean certified radius, margin/(√2·L): 0 where the prediction is wrong."""

    tasks: ClassVar[tuple[Task, ...]] = ("multiclass",)
    takes_constant: ClassVar[bool] = True

    negative_robustness: bool = Field(
        False, description="Whether wrong predictions count with their negative margin instead of 0."
    )
