from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.losses.loss import Labels, LossSpec, Task


class LogitAnnealing(LossSpec):
    """T·(1 − p)^β·CE((f − ξ·onehot_y)/T, y), p the true class's probability there (Lai et al. 2025)."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    offset: float = Field(2.0, ge=0, description="ξ: the margin that is asked for.")
    temperature: float = Field(0.75, gt=0, description="T.")
    beta: float = Field(5.0, ge=0, description="β: how soon the loss lets go of what has its margin.")
