from typing import Annotated, Any

from pydantic import Field

from lipbuild.config.schedules import SCHEDULES, ScheduleSpec
from lipbuild.fields.choice import Choice
from lipbuild.fields.strict import Strict

Rate = Annotated[float, Field(gt=0)]
LearningRate = Annotated[Rate | ScheduleSpec, Choice("schedule", SCHEDULES)]
Share = Annotated[float, Field(ge=0, lt=1)]


class OptimizerSpec(Strict):
    """What a config says of its optimiser: the arguments that all of them have."""

    weight_decay: float | None = Field(
        None, ge=0, description="Decay of the weights; constrained kernels keep their norm all the same."
    )
    clipnorm: float | None = Field(None, gt=0, description="The greatest norm of each weight's gradient.")
    clipvalue: float | None = Field(None, gt=0, description="The greatest value in a gradient.")
    global_clipnorm: float | None = Field(
        None, gt=0, description="The greatest norm of all gradients together."
    )

    @property
    def kind(self) -> str:
        """The optimiser's name in a config."""
        return type(self).__name__

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras optimiser, the learning rate as it stands here."""
        return {field: getattr(self, field) for field in type(self).model_fields}
