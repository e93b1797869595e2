"""Keras's own losses."""

from typing import Annotated

from pydantic import Field

from lipbuild.config.choices import LossSpec
from lipbuild.config.parameters import Positive

Smoothing = Annotated[float, Field(ge=0, lt=1)]


class CategoricalCrossentropy(LossSpec):
    """Cross-entropy −log softmax(f)_y."""

    task = "multiclass"
    labels = "onehot"

    from_logits: bool = Field(
        True, description="Whether the network ends in logits. Keras's own default is false; here it is true."
    )
    label_smoothing: Smoothing = Field(0.0, description="The share of the label given to all classes.")


class SparseCategoricalCrossentropy(LossSpec):
    """Cross-entropy −log softmax(f)_y, from class numbers."""

    task = "multiclass"
    labels = "index"

    from_logits: bool = Field(
        True, description="Whether the network ends in logits. Keras's own default is false; here it is true."
    )


class BinaryCrossentropy(LossSpec):
    """Cross-entropy of one logit."""

    task = "binary"
    labels = "zero_one"

    from_logits: bool = Field(
        True,
        description="Whether the network ends in a logit. Keras's own default is false; here it is true.",
    )
    label_smoothing: Smoothing = Field(0.0, description="How far both labels are moved towards ½.")


class Hinge(LossSpec):
    """max(0, 1 − y·f), y = ±1."""

    task = "binary"
    labels = "sign"


class SquaredHinge(LossSpec):
    """max(0, 1 − y·f)², y = ±1."""

    task = "binary"
    labels = "sign"


class MeanSquaredError(LossSpec):
    """E (y − f)²."""

    task = "regression"
    labels = "value"


class MeanAbsoluteError(LossSpec):
    """E |y − f|."""

    task = "regression"
    labels = "value"


class Huber(LossSpec):
    """Quadratic below `delta`, linear above."""

    task = "regression"
    labels = "value"

    delta: Positive = Field(1.0, description="Where the quadratic part ends.")


class LogCosh(LossSpec):
    """E log cosh(y − f)."""

    task = "regression"
    labels = "value"
