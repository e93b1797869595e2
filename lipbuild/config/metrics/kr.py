from typing import ClassVar

from lipbuild.config.losses.loss import Task
from lipbuild.config.metrics.metric import MetricSpec


class KR(MetricSpec):
    """E₊ f − E₋ f: the Wasserstein distance of the two classes as the network sees it, to be large."""

    tasks: ClassVar[tuple[Task, ...]] = ("binary",)
