"""Keras's own losses. On logits: a Lipschitz network ends in no softmax and no sigmoid."""

from typing import Annotated, ClassVar

from pydantic import Field

from lipbuild.spec.losses.loss import Labels, LossSpec, Task

Smoothing = Annotated[float, Field(ge=0, lt=1)]


class CategoricalCrossentropy(LossSpec):
    """Cross-entropy −log softmax(f)_y."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    from_logits: bool = Field(
        True, description="Whether the network ends in logits. Keras's own default is false; here it is true."
    )
    label_smoothing: Smoothing = Field(0.0, description="The share of the label given to all classes.")


class SparseCategoricalCrossentropy(LossSpec):
    """Cross-entropy −log softmax(f)_y, from class numbers."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "index"

    from_logits: bool = Field(
        True, description="Whether the network ends in logits. Keras's own default is false; here it is true."
    )


class BinaryCrossentropy(LossSpec):
    """Cross-entropy of one logit."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "zero_one"

    from_logits: bool = Field(
        True,
        description="Whether the network ends in a logit. Keras's own default is false; here it is true.",
    )
    label_smoothing: Smoothing = Field(0.0, description="How far both labels are moved towards ½.")


class Hinge(LossSpec):
    """max(0, 1 − y·f), y = ±1."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "sign"


class SquaredHinge(LossSpec):
    """max(0, 1 − y·f)², y = ±1."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "sign"


class MeanSquaredError(LossSpec):
    """E (y − f)²."""

    task: ClassVar[Task] = "regression"
    labels: ClassVar[Labels] = "value"


class MeanAbsoluteError(LossSpec):
    """E |y − f|."""

    task: ClassVar[Task] = "regression"
    labels: ClassVar[Labels] = "value"


class Huber(LossSpec):
    """Quadratic below `delta`, linear above."""

    task: ClassVar[Task] = "regression"
    labels: ClassVar[Labels] = "value"

    delta: float = Field(1.0, gt=0, description="Where the quadratic part ends.")


class LogCosh(LossSpec):
    """E log cosh(y − f)."""

    task: ClassVar[Task] = "regression"
    labels: ClassVar[Labels] = "value"
