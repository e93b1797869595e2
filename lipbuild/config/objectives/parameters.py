from typing import ClassVar

from lipbuild.config.losses.loss import Task
from lipbuild.config.objectives.objective import ObjectiveSpec


class Parameters(ObjectiveSpec):
    """The number of the network's parameters; less is better."""

    kind: ClassVar[str] = "parameters"
    maximized: ClassVar[bool] = False
    tasks: ClassVar[tuple[Task, ...]] = ("multiclass", "binary", "regression")
