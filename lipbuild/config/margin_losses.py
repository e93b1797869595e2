"""Losses that ask for a margin, or look as far as a radius."""

from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field, model_validator

from lipbuild.config.choices import Labels, LossSpec, ScheduleSpec, Task, greatest
from lipbuild.config.parameters import NonNegative, NonNegativeOrNone, Positive, PositiveOrNone, Share
from lipbuild.fields.misfit import misfit, redundant
from lipbuild.margin import (
    OF_ANNEALING,
    OF_CLASSES,
    OF_OFFSET,
    OF_PAIRS,
    OF_SIGN,
    OF_SOFT_MAXIMUM,
    Margin,
    median,
)


def _temperature(
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
            changes["temperature"] = _temperature(self.asked, self.target_radius, lip_const)
        return self.model_copy(update=changes) if changes else self

    def driven(self, constant: float) -> dict[str, ScheduleSpec]:
        """With the margin that follows a target radius."""
        found, radius = super().driven(constant), self.target_radius
        if isinstance(radius, ScheduleSpec):
            found[self.margin] = radius.scaled(self.asked.of(None, 1.0, self.lip_const or constant))
        return found

    def margin_for(self, constant: float) -> float:
        """The margin that is asked for of a network of this constant, the greatest where it changes."""
        given, radius = getattr(self, self.margin), self.target_radius
        return self.asked.of(
            None if given is None else greatest(given),
            None if radius is None else greatest(radius),
            self.lip_const or constant,
        )

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras loss, without what is left to it."""
        return {name: value for name, value in super().arguments().items() if value is not None}


def _margin(what: str) -> Any:
    """The field of a margin that has the usual default."""
    description = f"{what}; {OF_CLASSES.default:g} where neither it nor `target_radius` is given."
    return Field(None, description=description)


def _target() -> Any:
    """The field of a target radius that has a default."""
    return Field(
        None,
        description="The radius ε to certify, from which the margin follows; the median of "
        "`certify.radii` where neither it nor `offset` is given.",
    )


class PairwiseLossSpec(LossSpec):
    """The base of the losses that see how much each difference of two logits can move within a radius."""

    task = "multiclass"
    labels = "onehot"
    takes_constant = True
    takes_head = True

    target_radius: Positive = Field(description="The radius ε to certify.")
    temperature: PositiveOrNone = Field(None, description="T. Default: L·ε/2, as for `OffsetCrossentropy`.")
    lip_const: float | None = Field(
        None,
        gt=0,
        description="L, with M = √2·L for all pairs. Default: that of the network, with M = L·‖w_i − w_j‖ for the "
        "columns of "
        "a dense last layer.",
    )

    def for_constant(self, constant: float) -> "PairwiseLossSpec":
        """With the temperature."""
        if self.temperature is not None:
            return self
        temperature = _temperature(OF_PAIRS, self.target_radius, self.lip_const or constant)
        return self.model_copy(update={"temperature": temperature})

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras loss, without what is left to it."""
        return {name: value for name, value in super().arguments().items() if value is not None}


class OffsetCrossentropy(RadiusLossSpec):
    """T·CE((f − u·onehot_y)/T, y): the offset u is a margin to be had first (Prach & Lampert 2022)."""

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


class EMMA(PairwiseLossSpec):
    """T·CE((f + e·ε·M_y)/T, y), e_i the share of ε·M_yi that f_y − f_i has already (Hu et al. 2023)."""


class TRADES(PairwiseLossSpec):
    """T·[CE(f/T, y) + λ·KL(softmax(f/T) ‖ softmax([f, f_⊥]/T))], f_⊥ the best rival within ε (Leino et al. 2021)."""

    lam: NonNegative = Field(1.0, description="λ: the weight of robustness against accuracy.")


class KR(LossSpec):
    """−KR = E₋f − E₊f for one output: f is trained to tell how far two classes lie apart (Wasserstein-1 distance).

    It does not say at which value of f one class ends, so it trains no classifier: that is what `HKR` is for.
    """

    task = "binary"
    labels = "sign"
    classifies = False

    @property
    def keras_name(self) -> str:
        """`HKR`: the Keras loss `KR` is to be large, as in deel-lip, and minimised it would train the opposite."""
        return "HKR"

    def arguments(self) -> dict[str, Any]:
        """No hinge."""
        return {"alpha": 0.0}


class HKR(RadiusLossSpec):
    """−KR + α·hinge for one output (Serrurier et al. 2021)."""

    task = "binary"
    labels = "sign"
    asked = OF_SIGN

    alpha: NonNegative = Field(description="The weight of the hinge.")
    min_margin: PositiveOrNone = _margin("The margin that the hinge asks for")


class MulticlassHKR(RadiusLossSpec):
    """−KR + α·hinge, one output against the rest for each class."""

    alpha: NonNegative = Field(10.0, description="The weight of the hinge.")
    min_margin: PositiveOrNone = _margin("The margin that the hinge asks for")


class HingeMargin(RadiusLossSpec):
    """max(0, m/2 − y·f), y = ±1."""

    task = "binary"
    labels = "sign"
    asked = OF_SIGN

    min_margin: NonNegativeOrNone = _margin("m: the margin between the two classes")


class MulticlassHinge(RadiusLossSpec):
    """max(0, m/2 − s_i·f_i), the mean over the classes i with the true one counting C − 1 times."""

    min_margin: NonNegativeOrNone = _margin("m: the margin of each class against the rest")


class MulticlassSoftHKR(RadiusLossSpec):
    """`MulticlassHKR` with the wrong classes weighed by a softmax: for many classes."""

    temperature_divides = False

    alpha: Positive = Field(10.0, description="The weight of the hinge.")
    min_margin: NonNegativeOrNone = _margin("The margin that the hinge asks for")
    alpha_mean: float = Field(
        0.99, ge=0, lt=1, description="How much of the running mean of |f| a batch leaves."
    )
    temperature: Positive = Field(1.0, description="Large weighs the nearest wrong classes more.")


class LseHKR(RadiusLossSpec):
    """α·max(0, m/2 − d) − (1 − α)·d with half the margin d, its maximum smoothed to a log-sum-exp."""

    asked = OF_SOFT_MAXIMUM
    temperature_divides = False

    alpha: Share = Field(0.9, description="The weight of the hinge against d.")
    min_margin: NonNegativeOrNone = _margin("The margin that the hinge asks for")
    temperature: PositiveOrNone = Field(
        None,
        description="A large value is nearer to the maximum. Default: 1/m for the margin m of a target radius, "
        "otherwise 1.",
    )


class MultiMargin(RadiusLossSpec):
    """Σ_{i≠y} max(0, m − f_y + f_i)/C."""

    min_margin: NonNegativeOrNone = _margin("m: how far each wrong class must stay below")


class CategoricalHinge(RadiusLossSpec):
    """max(0, m + max_{j≠y} f_j − f_y)."""

    min_margin: NonNegativeOrNone = _margin("m: the margin")
