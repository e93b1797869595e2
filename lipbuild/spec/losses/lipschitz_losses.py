"""The losses made for Lipschitz networks, under deel-lip's names."""

from typing import ClassVar

from pydantic import Field, model_validator

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


class TauBinaryCrossentropy(LossSpec):
    """BCE(τ·f, y)/τ of one logit."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "zero_one"

    tau: float = Field(gt=0, description="The temperature: small for robustness, large for accuracy.")


class OffsetCrossentropy(LossSpec):
    """T·CE((f − u·onehot_y)/T, y): the offset u is a margin to be had first (Prach & Lampert 2022)."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    offset: float | None = Field(
        None, ge=0, description="u; √2 where neither it nor `target_radius` is given."
    )
    temperature: float = Field(0.25, gt=0, description="T.")
    target_radius: float | None = Field(
        None, ge=0, description="The radius ε that is to be certified, from which u = 2√2·ε·`lip_const`."
    )
    lip_const: float = Field(
        1.0, gt=0, description="The network's constant: `${model.lipschitz}` where that is not 1."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> "OffsetCrossentropy":
        if self.offset is not None and self.target_radius is not None:
            raise ValueError("`offset` and `target_radius` are two ways to say the same: give one of them")
        return self


class LogitAnnealing(LossSpec):
    """T·(1 − p)^β·CE((f − ξ·onehot_y)/T, y), p the true class's probability there (Lai et al. 2025)."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    offset: float = Field(2.0, ge=0, description="ξ: the margin that is asked for.")
    temperature: float = Field(0.75, gt=0, description="T.")
    beta: float = Field(5.0, ge=0, description="β: how soon the loss lets go of what has its margin.")


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


class HingeMargin(LossSpec):
    """max(0, m/2 − y·f), y = ±1."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "sign"

    min_margin: float = Field(1.0, ge=0, description="m: the margin between the two classes.")


class MulticlassHinge(LossSpec):
    """max(0, m/2 − s_i·f_i), the mean over the classes i with the true one counting C − 1 times."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    min_margin: float = Field(1.0, ge=0, description="m: the margin of each class against the rest.")


class MulticlassSoftHKR(LossSpec):
    """`MulticlassHKR` with the wrong classes weighed by a softmax: for many classes."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    alpha: float = Field(10.0, gt=0, description="The weight of the hinge.")
    min_margin: float = Field(1.0, ge=0, description="The margin that the hinge asks for.")
    alpha_mean: float = Field(
        0.99, ge=0, lt=1, description="How much of the running mean of |f| a batch leaves."
    )
    temperature: float = Field(1.0, gt=0, description="Large weighs the nearest wrong classes more.")


class LseHKR(LossSpec):
    """α·max(0, m/2 − d) − (1 − α)·d with half the margin d, its maximum smoothed to a log-sum-exp."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    alpha: float = Field(0.9, ge=0, le=1, description="The weight of the hinge against d.")
    min_margin: float = Field(1.0, ge=0, description="The margin that the hinge asks for.")
    temperature: float = Field(1.0, gt=0, description="Large is nearer to the maximum.")


class MultiMargin(LossSpec):
    """Σ_{i≠y} max(0, m − f_y + f_i)/C."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    min_margin: float = Field(1.0, ge=0, description="m: how far each wrong class is to stay below.")


class CategoricalHinge(LossSpec):
    """max(0, m + max_{j≠y} f_j − f_y)."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    min_margin: float = Field(1.0, ge=0, description="m: the margin; Keras's own loss of this name has 1.")
