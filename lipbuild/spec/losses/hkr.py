from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.losses.loss import Labels, LossSpec, Task


class HKR(LossSpec):
    """−KR + α·hinge for one output (Serrurier et al. 2021)."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "sign"

    alpha: float = Field(ge=0, description="The weight of the hinge.")
    min_margin: float = Field(1.0, gt=0, description="The margin that the hinge asks for.")
