"""Learning rates that change over the steps, under Keras's names where it has them."""

from __future__ import annotations

from lipbuild.config.schedules.schedule import ScheduleSpec
from lipbuild.fields.registry import Registry

__all__ = ["SCHEDULES", "ScheduleSpec"]

SCHEDULES: Registry[ScheduleSpec] = Registry(
    __name__,
    {
        "ExponentialDecay": "exponential_decay",
        "CosineDecay": "cosine_decay",
        "CosineDecayRestarts": "cosine_decay_restarts",
        "PolynomialDecay": "polynomial_decay",
        "InverseTimeDecay": "inverse_time_decay",
        "PiecewiseConstantDecay": "piecewise_constant_decay",
        "StepDecay": "step_decay",
        "WarmUp": "warm_up",
    },
)
