from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.losses.loss import Labels, LossSpec, Task


class TauSparseCategoricalCrossentropy(LossSpec):
    """CE(τ·f, y)/τ, from class numbers."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "index"

    tau: float = Field(gt=0, description="The temperature: small for robustness, large for accuracy.")
