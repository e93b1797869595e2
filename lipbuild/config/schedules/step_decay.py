from typing import Annotated

from pydantic import Field

from lipbuild.config.schedules.schedule import ScheduleSpec

Epoch = Annotated[int, Field(ge=1)]


class StepDecay(ScheduleSpec):
    """A rate that is multiplied once after each of some epochs."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    epochs: list[Epoch] = Field(min_length=1, description="After how many epochs it changes.")
    decay_rate: float = Field(0.1, gt=0, description="What it is multiplied by.")
