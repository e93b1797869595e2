from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, LossSpec, Task


class TauSparseCategoricalCrossentropy(LossSpec):
    """CE(τ·f, y)/τ, from class numbers."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "index"

    tau: float = Field(gt=0, description="The temperature: small for robustness, large for accuracy.")
