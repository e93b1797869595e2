from typing import Annotated, ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, LossSpec, Task

Smoothing = Annotated[float, Field(ge=0, lt=1)]


class BinaryCrossentropy(LossSpec):
    """Cross-entropy of one logit."""

    task: ClassVar[Task] = "binary"
    labels: ClassVar[Labels] = "zero_one"

    from_logits: bool = Field(
        True,
        description="Whether the network ends in a logit. Keras's own default is false; here it is true.",
    )
    label_smoothing: Smoothing = Field(0.0, description="How far both labels are moved towards ½.")
