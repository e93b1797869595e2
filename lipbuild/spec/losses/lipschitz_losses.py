"""The losses made for Lipschitz networks, under deel-lip's names."""

from typing import ClassVar

from pydantic import Field

from lipbuild.spec.losses.loss import Labels, LossSpec, Task


class TauCategoricalCrossentropy(LossSpec):
    """CE(τ·f, y)/τ: a temperature, since the logits of a Lipschitz network cannot grow."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    tau: float = Field(gt=0, description="The temperature: small for robustness, large for accuracy.")


class TauSparseCategoricalCrossentropy(LossSpec):
    """CE(τ·f, y)/τ, from class numbers."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "index"

    tau: float = Field(gt=0, description="The temperature: small for robustness, large for accuracy.")


class HKR(LossSpec):
    """−KR + α·hinge for one output (Serrurier et al. 2021)."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "sign"

    alpha: float = Field(ge=0, description="The weight of the hinge.")
    min_margin: float = Field(1.0, gt=0, description="The margin that the hinge asks for.")


class MulticlassHKR(LossSpec):
    """−KR + α·hinge, one output against the rest for each class."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    alpha: float = Field(10.0, ge=0, description="The weight of the hinge.")
    min_margin: float = Field(1.0, gt=0, description="The margin that the hinge asks for.")
