from pydantic import Field

from lipbuild.config.schedules.schedule import ScheduleSpec


class ExponentialDecay(ScheduleSpec):
    """lr · rate^(step/steps)."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    decay_steps: int = Field(ge=1, description="After how many steps the rate is multiplied once.")
    decay_rate: float = Field(gt=0, description="What it is multiplied by.")
    staircase: bool = Field(False, description="Whether it changes in jumps.")
