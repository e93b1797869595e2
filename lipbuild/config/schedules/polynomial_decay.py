from pydantic import Field

from lipbuild.config.schedules.schedule import ScheduleSpec


class PolynomialDecay(ScheduleSpec):
    """A polynomial from the initial rate down to the end rate."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    decay_steps: int | None = Field(
        None, ge=1, description="The number of steps it takes; all that are left where left out."
    )
    end_learning_rate: float = Field(1e-4, ge=0, description="The rate at the end.")
    power: float = Field(1.0, gt=0, description="The degree.")
