from typing import Any, ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Labels, LossSpec, Task


class PairwiseLossSpec(LossSpec):
    """The base of the losses that see how much each difference of two logits can move within a radius."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"
    takes_constant: ClassVar[bool] = True
    takes_head: ClassVar[bool] = True

    target_radius: float = Field(gt=0, description="The radius ε that is to be certified.")
    temperature: float = Field(0.25, gt=0, description="T.")
    lip_const: float | None = Field(
        None,
        gt=0,
        description="L, with M = √2·L for all pairs; where left out, that of the network, and M = L·‖w_i − w_j‖ with "
        "the columns of a dense last layer.",
    )

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras loss, without what is left to it."""
        return {name: value for name, value in super().arguments().items() if value is not None}
