"""Learning rates and parameters of losses over the steps, from what a config says of them."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lipbuild.config.choices import ScheduleSpec
from lipbuild.config.schedules import Ramp, StepDecay, WarmUp


def keras_schedule(
    spec: ScheduleSpec, steps_per_epoch: int, steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """The Keras schedule.

    Args:
        spec: What the config says.
        steps_per_epoch: The number of steps of an epoch.
        steps: The number of steps that are left, over which it spreads where the config does not say.
    """
    if isinstance(spec, WarmUp):
        rise = max(round(spec.epochs * steps_per_epoch), 1)
        rate = spec.learning_rate
        if isinstance(rate, ScheduleSpec):
            return LinearWarmUp(keras_schedule(rate, steps_per_epoch, max(steps - rise, 1)), rise)
        return LinearWarmUp(rate, rise)
    if isinstance(spec, Ramp):
        length = steps if spec.epochs is None else max(round(spec.epochs * steps_per_epoch), 1)
        return RampSchedule(spec.start, spec.end, length, spec.shape)
    if isinstance(spec, StepDecay):
        rates = [
            spec.initial_learning_rate * spec.decay_rate**passed for passed in range(len(spec.epochs) + 1)
        ]
        # Keras changes the rate after the step of a boundary, counted from 0.
        boundaries = [epoch * steps_per_epoch - 1 for epoch in sorted(spec.epochs)]
        return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, rates)
    arguments = spec.arguments()
    if spec.spans_training():
        arguments["decay_steps"] = max(steps - arguments.get("warmup_steps", 0), 1)
    schedule: keras.optimizers.schedules.LearningRateSchedule = getattr(
        keras.optimizers.schedules, type(spec).__name__
    )(**arguments)
    return schedule


class LinearWarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that rises to the first of a schedule in equal steps, and follows it from then on.

    Args:
        rate: The rate after the rise, or a schedule of the steps after it.
        steps: The number of steps of the rise; the first step has the share 1/steps of the rate.
    """

    def __init__(self, rate: float | keras.optimizers.schedules.LearningRateSchedule, steps: int) -> None:
        self.rate = rate
        self.steps = steps

    def __call__(self, step: Any) -> Any:
        """The rate of a step, counted from 0."""
        step = ops.cast(step, "float32")
        share = ops.minimum((step + 1.0) / self.steps, 1.0)
        if isinstance(self.rate, keras.optimizers.schedules.LearningRateSchedule):
            return self.rate(ops.maximum(step - self.steps, 0.0)) * share
        return self.rate * share

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"rate": self.rate, "steps": self.steps}


class RampSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A value that goes from one to another, where it stays.

    Args:
        start: The value before the first step.
        end: The value after the steps.
        steps: The number of steps.
        shape: `linear` in the value, `logarithmic` in its logarithm, or half a `cosine`.
    """

    def __init__(self, start: float, end: float, steps: int, shape: str) -> None:
        self.start = start
        self.end = end
        self.steps = steps
        self.shape = shape

    def __call__(self, step: Any) -> Any:
        """The value after a number of steps."""
        share = ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)
        if self.shape == "logarithmic":
            value = self.start * ops.exp(share * math.log(self.end / self.start))
        else:
            weight = 0.5 - 0.5 * ops.cos(math.pi * share) if self.shape == "cosine" else share
            value = self.start + (self.end - self.start) * weight
        # Not near it by rounding.
        return ops.where(share >= 1.0, ops.cast(self.end, "float32"), value)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"start": self.start, "end": self.end, "steps": self.steps, "shape": self.shape}
