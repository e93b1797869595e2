"""Optimisers under Keras's names."""

from typing import Annotated, Any

from pydantic import Field

from lipbuild.spec.choice import Choice
from lipbuild.spec.schedules import SCHEDULES, ScheduleSpec
from lipbuild.spec.strict import Strict

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


class SGD(OptimizerSpec):
    """Gradient descent, with momentum."""

    learning_rate: LearningRate = Field(0.01, description="The step, or a schedule.")
    momentum: Share = Field(0.0, description="The share of the last step that is kept.")
    nesterov: bool = Field(False, description="Whether the momentum looks ahead.")


class RMSprop(OptimizerSpec):
    """Steps divided by a running root mean square of the gradient."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    rho: Share = Field(0.9, description="The decay of the running mean.")
    momentum: Share = Field(0.0, description="The share of the last step that is kept.")
    epsilon: float = Field(1e-7, gt=0, description="Keeps the division finite.")
    centered: bool = Field(False, description="Whether the gradient's mean is taken off.")


class Adam(OptimizerSpec):
    """Steps by running means of the gradient and of its square (Kingma & Ba 2015)."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    beta_1: Share = Field(0.9, description="The decay of the mean.")
    beta_2: Share = Field(0.999, description="The decay of the mean square.")
    epsilon: float = Field(1e-7, gt=0, description="Keeps the division finite.")
    amsgrad: bool = Field(False, description="Whether the greatest mean square so far is used.")


class AdamW(Adam):
    """Adam with decoupled weight decay."""

    weight_decay: float | None = Field(
        0.004, ge=0, description="Decay of the weights; constrained kernels keep their norm all the same."
    )


class Nadam(OptimizerSpec):
    """Adam with Nesterov's momentum."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    beta_1: Share = Field(0.9, description="The decay of the mean.")
    beta_2: Share = Field(0.999, description="The decay of the mean square.")
    epsilon: float = Field(1e-7, gt=0, description="Keeps the division finite.")


class Lion(OptimizerSpec):
    """Steps by the sign of a running mean (Chen et al. 2023)."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    beta_1: Share = Field(0.9, description="The decay in the step.")
    beta_2: Share = Field(0.99, description="The decay of the mean.")


OPTIMIZERS: dict[str, type[OptimizerSpec]] = {
    cls.__name__: cls for cls in (Adam, AdamW, SGD, RMSprop, Nadam, Lion)
}
