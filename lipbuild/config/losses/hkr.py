from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, Task
from lipbuild.config.losses.radius_loss import RadiusLossSpec


class HKR(RadiusLossSpec):
    """−KR + α·hinge for one output (Serrurier et al. 2021)."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "sign"
    margin_per_radius: ClassVar[float] = 2.0

    alpha: float = Field(ge=0, description="The weight of the hinge.")
    min_margin: float | None = Field(
        None,
        gt=0,
        description="The margin that the hinge asks for; 1 where neither it nor `target_radius` is given.",
    )
