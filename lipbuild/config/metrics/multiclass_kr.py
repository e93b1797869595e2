from typing import ClassVar

from lipbuild.config.losses.loss import Task
from lipbuild.config.metrics.metric import MetricSpec


class MulticlassKR(MetricSpec):
    """`KR` of each class against the rest, the mean over the classes."""

    tasks: ClassVar[tuple[Task, ...]] = ("multiclass",)
