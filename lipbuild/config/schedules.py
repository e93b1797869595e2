"""Learning rates and parameters that change over the steps, under Keras's names where it has them."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from lipbuild.config.choices import SCHEDULES, ScheduleSpec
from lipbuild.fields.choice import Choice
from lipbuild.fields.misfit import Way, misfit


class ExponentialDecay(ScheduleSpec):
    """lr · rate^(step/steps)."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    decay_steps: int = Field(ge=1, description="After how many steps the rate is multiplied once.")
    decay_rate: float = Field(gt=0, description="What it is multiplied by.")
    staircase: bool = Field(False, description="Whether it changes in jumps.")


class PolynomialDecay(ScheduleSpec):
    """A polynomial from the initial rate down to the end rate."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    decay_steps: int | None = Field(
        None, ge=1, description="The number of steps. Default: all remaining steps."
    )
    end_learning_rate: float = Field(1e-4, ge=0, description="The rate at the end.")
    power: float = Field(1.0, gt=0, description="The degree.")

    amounts = ("initial_learning_rate", "end_learning_rate")


class InverseTimeDecay(ScheduleSpec):
    """lr / (1 + rate·step/steps)."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    decay_steps: int = Field(ge=1, description="The number of steps that count as one.")
    decay_rate: float = Field(gt=0, description="How fast it falls.")


class PiecewiseConstantDecay(ScheduleSpec):
    """One rate up to each boundary."""

    boundaries: list[int] = Field(min_length=1, description="The steps at which the rate changes.")
    values: list[float] = Field(min_length=2, description="The rates: one more than boundaries.")

    amounts = ("values",)

    @model_validator(mode="after")
    def _lengths_fit(self) -> "PiecewiseConstantDecay":
        if len(self.values) != len(self.boundaries) + 1:
            raise misfit(
                f"`values` holds one rate more than `boundaries` has steps, and these have {len(self.values)} "
                f"and {len(self.boundaries)}",
                "values",
                "boundaries",
            )
        for index, (before, after) in enumerate(pairwise(self.boundaries), 1):
            if before >= after:
                raise misfit(f"`boundaries` must rise, and {after} follows {before}", ("boundaries", index))
        return self


Epoch = Annotated[int, Field(ge=1)]


class StepDecay(ScheduleSpec):
    """A rate that is multiplied once after each of some epochs."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    epochs: list[Epoch] = Field(min_length=1, description="After how many epochs it changes.")
    decay_rate: float = Field(0.1, gt=0, description="What it is multiplied by.")

    def extremes(self) -> list[tuple[Way, float]]:
        """With the last value."""
        last = self.initial_learning_rate * self.decay_rate ** len(self.epochs)
        return [*super().extremes(), (("decay_rate",), last)]


Rate = Annotated[float, Field(gt=0)]


class WarmUp(ScheduleSpec):
    """A straight rise from nothing to a rate, which then stays or is the first of another schedule."""

    learning_rate: Annotated[Rate | ScheduleSpec, Choice("schedule", SCHEDULES)] = Field(
        description="The rate after the rise, or a schedule, which starts then."
    )
    epochs: float = Field(1.0, gt=0, description="How many epochs the rise takes.")

    amounts = ("learning_rate",)

    def spans_training(self) -> bool:
        """Where the schedule that follows does."""
        rate = self.learning_rate
        return isinstance(rate, ScheduleSpec) and rate.spans_training()


class Ramp(ScheduleSpec):
    """From one value to another over some epochs, where it then stays: for parameters of a loss, and for rates."""

    start: float = Field(ge=0, description="The value at the first step.")
    end: float = Field(ge=0, description="The value after the epochs.")
    epochs: float | None = Field(
        None, gt=0, description="The number of epochs. Default: all remaining epochs."
    )
    shape: Literal["linear", "logarithmic", "cosine"] = Field(
        "linear",
        description="Equal steps, steps by equal factors, or half a cosine, slow at both ends.",
    )

    amounts = ("start", "end")

    @model_validator(mode="after")
    def _has_logarithms(self) -> "Ramp":
        for name in self.amounts:
            if self.shape == "logarithmic" and getattr(self, name) == 0:
                raise misfit(f"`{name}` must be greater than 0 for the shape `logarithmic`", name, "shape")
        return self

    def spans_training(self) -> bool:
        """Where no number of epochs is given."""
        return self.epochs is None
