import math
from typing import Any, ClassVar

from pydantic import Field, model_validator

from lipbuild.config.losses.loss import LossSpec
from lipbuild.fields.misfit import redundant


class RadiusLossSpec(LossSpec):
    """The base of the losses whose margin may be given by the radius that it certifies."""

    takes_constant: ClassVar[bool] = True
    # What the radius stands for.
    margin: ClassVar[str] = "min_margin"
    # What it is for a radius of 1 of a network of constant 1, and where nothing is given.
    margin_per_radius: ClassVar[float] = math.sqrt(2.0)
    margin_default: ClassVar[float] = 1.0

    target_radius: float | None = Field(
        None, ge=0, description="The radius ε that is to be certified, from which the margin is derived."
    )
    lip_const: float | None = Field(
        None, gt=0, description="The constant that ε is multiplied by; the network's own where left out."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> "RadiusLossSpec":
        if self.target_radius is not None and getattr(self, self.margin) is not None:
            raise redundant(
                f"`{self.margin}` and `target_radius` are two ways to say the same",
                self.margin,
                "target_radius",
                help="give one of them",
            )
        return self

    def margin_for(self, constant: float) -> float:
        """The margin that is asked for of a network of this constant."""
        given: float | None = getattr(self, self.margin)
        if given is not None:
            return given
        if self.target_radius is None:
            return self.margin_default
        return self.margin_per_radius * (self.lip_const or constant) * self.target_radius

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras loss, without what is left to it."""
        return {name: value for name, value in super().arguments().items() if value is not None}
