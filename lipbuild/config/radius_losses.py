"""The losses whose margin follows from a radius, and those of them that follow the radii of the config."""

from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field, model_validator

from lipbuild.config.choices import Labels, LossSpec, ScheduleSpec, Task, greatest
from lipbuild.config.parameters import NonNegative, NonNegativeOrNone, PositiveOrNone
from lipbuild.fields.misfit import misfit, redundant
from lipbuild.margin import OF_ANNEALING, OF_CLASSES, OF_OFFSET, Margin, median


def temperature_for(
    asked: Margin, radius: float | ScheduleSpec | None, lip_const: float
) -> float | ScheduleSpec:
    """The temperature that goes with a target radius: a schedule where that is one."""
    if isinstance(radius, ScheduleSpec):
        return radius.scaled(asked.temperature_of(None, 1.0, lip_const))
    return asked.temperature_of(None, radius, lip_const)


def _check_followed(asked: Margin, radius: float | ScheduleSpec | None) -> None:
    """Refuse a target radius that no temperature can follow."""
    if not isinstance(radius, ScheduleSpec):
        return
    advice = "give a `temperature`"
    if asked.inverse:
        message = "the temperature is one over the margin, which no schedule follows"
        raise misfit(message, ("target_radius", radius.kind), help=advice)
    for way, value in radius.extremes():
        if value == 0:
            message = "a temperature that is left out follows the radius, and this schedule makes both 0"
            raise misfit(message, ("target_radius", radius.kind, *way), help=f"stay above 0, or {advice}")


class RadiusLossSpec(LossSpec):
    """The base of the losses whose margin may be given by the radius that it certifies."""

    task: ClassVar[Task] = "multiclass"
    labels: ClassVar[Labels] = "onehot"
    takes_constant = True
    # What the margin is called among its arguments, and how it follows from them.
    margin: ClassVar[str] = "min_margin"
    asked: ClassVar[Margin] = OF_CLASSES
    # Whether it asks for one of the radii that the config certifies, rather than for deel-lip's margin of 1.
    follows_radii: ClassVar[bool] = False

    target_radius: NonNegativeOrNone = Field(
        None, description="The radius ε to certify, from which the margin follows."
    )
    lip_const: float | None = Field(
        None, gt=0, description="The constant by which ε is multiplied. Default: that of the network."
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
        if getattr(self, "temperature", 0.0) is None:
            _check_followed(self.asked, self.target_radius)
        return self

    def for_radii(self, radii: Sequence[float]) -> "RadiusLossSpec":
        """With the median of the radii as the target, of two the less, where it asks for nothing else."""
        given = self.target_radius is not None or getattr(self, self.margin) is not None
        radius = median(radii)
        if given or not self.follows_radii or radius is None:
            return self
        return self.model_copy(update={"target_radius": radius})

    def for_constant(self, constant: float) -> "RadiusLossSpec":
        """With the margin, where no radius stands for it, and the temperature."""
        changes: dict[str, float | ScheduleSpec] = {}
        if self.target_radius is None and getattr(self, self.margin) is None:
            changes[self.margin] = self.asked.default
        if getattr(self, "temperature", 0.0) is None:
            lip_const = self.lip_const or constant
            changes["temperature"] = temperature_for(self.asked, self.target_radius, lip_const)
        return self.model_copy(update=changes) if changes else self

    def driven(self, constant: float) -> dict[str, ScheduleSpec]:
        """With the margin that follows a target radius."""
        found, radius = super().driven(constant), self.target_radius
        if isinstance(radius, ScheduleSpec):
            found[self.margin] = radius.scaled(self.asked.of(None, 1.0, self.lip_const or constant))
        return found

    def margin_for(self, constant: float) -> float:
        """The margin that a network of this constant is trained for; the greatest if it changes."""
        given, radius = getattr(self, self.margin), self.target_radius
        return self.asked.of(
            None if given is None else greatest(given),
            None if radius is None else greatest(radius),
            self.lip_const or constant,
        )

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras loss, without what is left to it."""
        return {name: value for name, value in super().arguments().items() if value is not None}


def _target() -> Any:
    """The field of a target radius that has a default."""
    return Field(
        None,
        description="The radius ε to certify, from which the margin follows; the median of "
        "`certify.radii` where neither it nor `offset` is given.",
    )


class OffsetCrossentropy(RadiusLossSpec):
    """T·CE((f − u·onehot_y)/T, y): the offset u is a margin that comes first (Prach & Lampert 2022)."""

    margin = "offset"
    asked = OF_OFFSET
    follows_radii = True

    target_radius: NonNegativeOrNone = _target()
    offset: NonNegativeOrNone = Field(
        None,
        description="u, in place of `target_radius`, which means 2√2·L·ε. Default, if there are no radii: √2.",
    )
    temperature: PositiveOrNone = Field(
        None, description="T. Default: L·ε/2 for a target radius ε, and 0.25 for an offset."
    )


class LogitAnnealing(RadiusLossSpec):
    """T·(1 − p)^β·CE((f − ξ·onehot_y)/T, y), p the true class's probability there (Lai et al. 2025)."""

    margin = "offset"
    asked = OF_ANNEALING
    follows_radii = True

    target_radius: NonNegativeOrNone = _target()
    offset: NonNegativeOrNone = Field(
        None,
        description="ξ: the margin, in place of `target_radius`, which means 2√2·L·ε. Default, if there are no "
        "radii: 2.",
    )
    temperature: PositiveOrNone = Field(
        None, description="T. Default: 3/8 of ξ for a target radius, and 0.75 for an offset."
    )
    beta: NonNegative = Field(5.0, description="β: how soon the loss lets go of what has its margin.")
