from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, LossSpec, Task


class Huber(LossSpec):
    """Quadratic below `delta`, linear above."""

    task: ClassVar[Task] = "regression"
    labels: ClassVar[Labels] = "value"

    delta: float = Field(1.0, gt=0, description="Where the quadratic part ends.")
