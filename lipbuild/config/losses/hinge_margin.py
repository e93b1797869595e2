from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, Task
from lipbuild.config.losses.radius_loss import RadiusLossSpec


class HingeMargin(RadiusLossSpec):
    """max(0, m/2 − y·f), y = ±1."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "sign"
    margin_per_radius: ClassVar[float] = 2.0

    min_margin: float | None = Field(
        None,
        ge=0,
        description="m: the margin between the two classes; 1 where neither it nor `target_radius` is given.",
    )
