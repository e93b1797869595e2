import math
from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, Task
from lipbuild.config.losses.radius_loss import RadiusLossSpec


class OffsetCrossentropy(RadiusLossSpec):
    """T·CE((f − u·onehot_y)/T, y): the offset u is a margin to be had first (Prach & Lampert 2022)."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"
    margin: ClassVar[str] = "offset"
    margin_per_radius: ClassVar[float] = 2.0 * math.sqrt(2.0)
    margin_default: ClassVar[float] = math.sqrt(2.0)

    offset: float | None = Field(
        None,
        ge=0,
        description="u; √2 where neither it nor `target_radius` is given, which stands for 2√2·L·ε.",
    )
    temperature: float = Field(0.25, gt=0, description="T.")
