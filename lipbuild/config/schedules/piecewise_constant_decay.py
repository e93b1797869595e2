from itertools import pairwise

from pydantic import Field, model_validator

from lipbuild.config.schedules.schedule import ScheduleSpec
from lipbuild.fields.misfit import misfit


class PiecewiseConstantDecay(ScheduleSpec):
    """One rate up to each boundary."""

    boundaries: list[int] = Field(min_length=1, description="The steps at which the rate changes.")
    values: list[float] = Field(min_length=2, description="The rates: one more than boundaries.")

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
