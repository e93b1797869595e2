"""The parameters of losses: numbers, each of which a schedule may change over the steps."""

from typing import Annotated

from pydantic import Field

from lipbuild.config.choices import SCHEDULES, ScheduleSpec
from lipbuild.fields.choice import Choice

_SCHEDULE = Choice("schedule", SCHEDULES)
_Positive = Annotated[float, Field(gt=0)]
_NonNegative = Annotated[float, Field(ge=0)]
_Share = Annotated[float, Field(ge=0, le=1)]

Positive = Annotated[_Positive | ScheduleSpec, _SCHEDULE]
NonNegative = Annotated[_NonNegative | ScheduleSpec, _SCHEDULE]
Share = Annotated[_Share | ScheduleSpec, _SCHEDULE]
PositiveOrNone = Annotated[_Positive | ScheduleSpec | None, _SCHEDULE]
NonNegativeOrNone = Annotated[_NonNegative | ScheduleSpec | None, _SCHEDULE]
