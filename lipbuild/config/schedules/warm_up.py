from typing import Annotated

from pydantic import Field

from lipbuild.config.schedules import SCHEDULES
from lipbuild.config.schedules.schedule import ScheduleSpec
from lipbuild.fields.choice import Choice

Rate = Annotated[float, Field(gt=0)]


class WarmUp(ScheduleSpec):
    """A straight rise from nothing to a rate, which then stays or is the first of another schedule."""

    learning_rate: Annotated[Rate | ScheduleSpec, Choice("schedule", SCHEDULES)] = Field(
        description="The rate after the rise, or a schedule, which starts then."
    )
    epochs: float = Field(1.0, gt=0, description="How many epochs the rise takes.")

    def spans_training(self) -> bool:
        """Where the schedule that follows does."""
        rate = self.learning_rate
        return isinstance(rate, ScheduleSpec) and rate.spans_training()
