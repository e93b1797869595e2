from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.losses.loss import Task
from lipbuild.spec.metrics.metric import MetricSpec


class CategoricalProvableAvgRobustness(MetricSpec):
    """The mean certified radius, margin/(√2·L): 0 where the prediction is wrong."""

    tasks: ClassVar[tuple[Task, ...]] = ("multiclass",)
    takes_constant: ClassVar[bool] = True

    negative_robustness: bool = Field(
        False, description="Whether wrong predictions count with their negative margin instead of 0."
    )
