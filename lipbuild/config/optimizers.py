"""Optimisers under Keras's names."""

from typing import Annotated

from pydantic import Field

from lipbuild.config.choices import SCHEDULES, OptimizerSpec, ScheduleSpec
from lipbuild.fields.choice import Choice

Rate = Annotated[float, Field(gt=0)]
LearningRate = Annotated[Rate | ScheduleSpec, Choice("schedule", SCHEDULES)]
Share = Annotated[float, Field(ge=0, lt=1)]


class LookaheadSpec(OptimizerSpec):
    """The base of the optimisers that can look ahead."""

    lookahead: Annotated[int, Field(ge=2)] | None = Field(
        None,
        description="After how many steps slow weights follow, from which the weights then go on (Zhang et al. 2019). "
        "Default: without.",
    )
    lookahead_share: float = Field(
        0.5, gt=0, le=1, description="The share of the way that slow weights go then."
    )


class SGD(OptimizerSpec):
    """Gradient descent, with momentum."""

    learning_rate: LearningRate = Field(0.01, description="The step, or a schedule.")
    momentum: Share = Field(0.0, description="The share of the last step that is kept.")
    nesterov: bool = Field(False, description="Whether the momentum looks ahead.")


class Adam(OptimizerSpec):
    """Steps by running means of the gradient and of its square (Kingma & Ba 2015)."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    beta_1: Share = Field(0.9, description="The decay of the mean.")
    beta_2: Share = Field(0.999, description="The decay of the mean square.")
    epsilon: float = Field(1e-7, gt=0, description="Keeps the division finite.")
    amsgrad: bool = Field(False, description="Whether the greatest mean square so far is used.")


class RiemannianAdam(Adam, LookaheadSpec):
    """Adam along the manifold of orthogonal kernels, with an exponential (Bécigneul & Ganea 2019; Hu et al. 2026)."""


class RiemannianMuon(RiemannianAdam):
    """Steps of orthogonal kernels that turn all directions alike, along their manifold; other weights as by Adam."""

    momentum: Share = Field(
        0.9, description="The share of the running sum of gradients that stays in a step."
    )
    turn: float = Field(
        3.0,
        gt=0,
        description="By how many times the learning rate, in radians, a step turns an orthogonal kernel.",
    )


class AdamW(Adam):
    """Adam with decoupled weight decay."""

    weight_decay: float | None = Field(
        0.004, ge=0, description="Decay of the weights; constrained kernels keep their norm all the same."
    )
