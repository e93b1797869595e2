import math
from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, Task
from lipbuild.config.losses.radius_loss import RadiusLossSpec


class LogitAnnealing(RadiusLossSpec):
    """T·(1 − p)^β·CE((f − ξ·onehot_y)/T, y), p the true class's probability there (Lai et al. 2025)."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"
    margin: ClassVar[str] = "offset"
    margin_per_radius: ClassVar[float] = 2.0 * math.sqrt(2.0)
    margin_default: ClassVar[float] = 2.0

    offset: float | None = Field(
        None,
        ge=0,
        description="ξ: the margin that is asked for; 2 where neither it nor `target_radius` is given, which stands "
        "for 2√2·L·ε.",
    )
    temperature: float = Field(0.75, gt=0, description="T.")
    beta: float = Field(5.0, ge=0, description="β: how soon the loss lets go of what has its margin.")
