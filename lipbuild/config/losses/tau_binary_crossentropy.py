from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, LossSpec, Task


class TauBinaryCrossentropy(LossSpec):
    """BCE(τ·f, y)/τ of one logit."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "zero_one"

    tau: float = Field(gt=0, description="The temperature: small for robustness, large for accuracy.")
