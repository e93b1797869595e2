from typing import ClassVar

from lipbuild.config.losses.loss import Task
from lipbuild.config.objectives.objective import ObjectiveSpec


class RootMeanSquaredError(ObjectiveSpec):
    """The root of the mean squared distance of predictions from their targets; less is better."""

    kind: ClassVar[str] = "root_mean_squared_error"
    maximized: ClassVar[bool] = False
    tasks: ClassVar[tuple[Task, ...]] = ("regression",)
