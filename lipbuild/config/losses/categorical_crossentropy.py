from typing import Annotated, ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, LossSpec, Task

Smoothing = Annotated[float, Field(ge=0, lt=1)]


class CategoricalCrossentropy(LossSpec):
    """Cross-entropy −log softmax(f)_y."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"

    from_logits: bool = Field(
        True, description="Whether the network ends in logits. Keras's own default is false; here it is true."
    )
    label_smoothing: Smoothing = Field(0.0, description="The share of the label given to all classes.")
