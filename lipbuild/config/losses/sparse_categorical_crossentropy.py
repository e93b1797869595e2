from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, LossSpec, Task


class SparseCategoricalCrossentropy(LossSpec):
    """Cross-entropy −log softmax(f)_y, from class numbers."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "index"

    from_logits: bool = Field(
        True, description="Whether the network ends in logits. Keras's own default is false; here it is true."
    )
