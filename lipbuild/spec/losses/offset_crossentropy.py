from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.losses.loss import Labels, LossSpec, Task
from lipbuild.spec.validators import model_validator


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
