from typing import ClassVar

from lipbuild.config.losses.loss import Task
from lipbuild.config.objectives.objective import ObjectiveSpec


class MeanAbsoluteError(ObjectiveSpec):
    """The mean distance of predictions from their targets; less is better."""

    kind: ClassVar[str] = "mean_absolute_error"
    maximized: ClassVar[bool] = False
    tasks: ClassVar[tuple[Task, ...]] = ("regression",)

    @property
    def column(self) -> str | None:
        """The error of each epoch."""
        return "val_mean_absolute_error"
