from lipbuild.spec.field import Field
from lipbuild.spec.schedules.schedule import ScheduleSpec
from lipbuild.spec.validators import model_validator


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
