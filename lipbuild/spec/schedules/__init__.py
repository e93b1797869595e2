"""Learning rates that change over the steps, under Keras's names."""

from typing import Any

from pydantic import Field, model_validator

from lipbuild.spec.strict import Strict


class ScheduleSpec(Strict):
    """What a config says of a learning rate that changes."""

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras schedule."""
        return {field: getattr(self, field) for field in type(self).model_fields}


class ExponentialDecay(ScheduleSpec):
    """lr · rate^(step/steps)."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    decay_steps: int = Field(ge=1, description="After how many steps the rate is multiplied once.")
    decay_rate: float = Field(gt=0, description="What it is multiplied by.")
    staircase: bool = Field(False, description="Whether it changes in jumps.")


class CosineDecay(ScheduleSpec):
    """Half a cosine from the initial rate down to alpha times it, after an optional warm-up."""

    initial_learning_rate: float = Field(ge=0, description="The rate at the start.")
    decay_steps: int = Field(ge=1, description="The number of steps it takes.")
    alpha: float = Field(0.0, ge=0, description="The least rate, as a share of the initial one.")
    warmup_target: float | None = Field(None, gt=0, description="The rate at the end of the warm-up.")
    warmup_steps: int = Field(0, ge=0, description="The number of steps of the warm-up.")


class PolynomialDecay(ScheduleSpec):
    """A polynomial from the initial rate down to the end rate."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    decay_steps: int = Field(ge=1, description="The number of steps it takes.")
    end_learning_rate: float = Field(1e-4, ge=0, description="The rate at the end.")
    power: float = Field(1.0, gt=0, description="The degree.")


class InverseTimeDecay(ScheduleSpec):
    """lr / (1 + rate·step/steps)."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    decay_steps: int = Field(ge=1, description="The number of steps that count as one.")
    decay_rate: float = Field(gt=0, description="How fast it falls.")


class PiecewiseConstantDecay(ScheduleSpec):
    """One rate up to each boundary."""

    boundaries: list[int] = Field(min_length=1, description="The steps at which the rate changes.")
    values: list[float] = Field(min_length=2, description="The rates: one more than boundaries.")

    @model_validator(mode="after")
    def _lengths_fit(self) -> "PiecewiseConstantDecay":
        if len(self.values) != len(self.boundaries) + 1:
            raise ValueError(
                f"`values` holds one rate more than `boundaries` has steps, and these have {len(self.values)} "
                f"and {len(self.boundaries)}"
            )
        if self.boundaries != sorted(set(self.boundaries)):
            raise ValueError("`boundaries` must rise")
        return self


SCHEDULES: dict[str, type[ScheduleSpec]] = {
    cls.__name__: cls
    for cls in (ExponentialDecay, CosineDecay, PolynomialDecay, InverseTimeDecay, PiecewiseConstantDecay)
}
