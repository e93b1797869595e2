from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, LossSpec, Task


class TauCategoricalCrossentropy(LossSpec):
    """CE(τ·f, y)/τ: a temperature, since the logits of a Lipschitz network cannot grow."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    tau: float = Field(gt=0, description="The temperature: small for robustness, large for accuracy.")
