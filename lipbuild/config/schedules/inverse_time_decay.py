from pydantic import Field

from lipbuild.config.schedules.schedule import ScheduleSpec


class InverseTimeDecay(ScheduleSpec):
    """lr / (1 + rate·step/steps)."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    decay_steps: int = Field(ge=1, description="The number of steps that count as one.")
    decay_rate: float = Field(gt=0, description="How fast it falls.")
