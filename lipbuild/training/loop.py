from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import tensorflow as tf

from lipbuild.config.sections import TrainSection
from lipbuild.errors import InterruptedByOthersError, RefusedError, StoppedError
from lipbuild.training.checkpoints import Checkpoints
from lipbuild.training.distribution.distribution import Distribution
from lipbuild.training.interrupts import Interrupts
from lipbuild.training.listeners.listener import Listener
from lipbuild.training.loss_schedules import LossSchedules
from lipbuild.training.measured_model import MeasuredModel
from lipbuild.training.monitor import Monitor
from lipbuild.training.phases import Phases
from lipbuild.training.steps import Steps
from lipbuild.training.training_state import TrainingState
from lipbuild.training.variables import set_values, values_of
from lipbuild.training.weight_average import WeightAverage

# What TensorFlow says of a matrix of which some factorisation fails.
_DECOMPOSITION = re.compile("cholesky|invertible|triangular|decomposition|eigen", re.IGNORECASE)


class Loop:
    """Goes through the data epoch by epoch: learns from it, measures, keeps checkpoints, tells the listeners.

    Args:
        section: What the config says of the training.
        steps: The compiled steps, and where their batches come from.
        counts: The number of steps of an epoch, and of batches that are measured after it.
        measured: The model that is measured and saved.
        average: The average of the weights, if any.
        schedules: The parameters of the loss that change over the steps.
        checkpoints: Where it stands is kept there.
        monitor: When it is over before its last epoch.
        distribution: Where it runs.
        listeners: Who is told.
        state: How far it has come; carried on.
    """

    def __init__(
        self,
        *,
        section: TrainSection,
        steps: Steps,
        counts: tuple[int, int],
        measured: MeasuredModel,
        average: WeightAverage | None,
        schedules: LossSchedules,
        checkpoints: Checkpoints,
        monitor: Monitor,
        distribution: Distribution,
        listeners: Sequence[Listener],
        state: TrainingState,
    ) -> None:
        self.section = section
        self.state = state
        self._steps = steps
        self._measured = measured
        self._average = average
        self._schedules = schedules
        self._checkpoints = checkpoints
        self._monitor = monitor
        self._distribution = distribution
        self._listeners = listeners
        self._interrupts = Interrupts()
        self.phases = Phases()
        self._stop = tf.constant(0.0), tf.constant(1.0)
        self.steps_per_epoch, self._watched_steps = counts

    def run(self) -> None:
        """Train until the last epoch has ended, or the monitor says that it is over.

        Raises:
            RefusedError: The loss, or a weight, is not finite.
            StoppedError: A signal came; what has been reached is kept.
            InterruptedByOthersError: Another process was asked to stop; what has been reached is kept.
            UnusableError: A file cannot be written.
        """
        with self._interrupts:
            while not self._is_over():
                self._epoch()

    def _is_over(self) -> bool:
        return self.state.epoch >= self.section.epochs or self._monitor.is_over(self.state.rows)

    def _epoch(self) -> None:
        began = time.perf_counter()
        state = self.state
        self._steps.start(state.epoch, state.step)
        if not state.measuring:
            if state.step == 0:
                self._distribution.share(self._steps.model)
                self._steps.meters.reset()
            with self.phases("steps"):
                self._learn()
            with self.phases("settling"), self._diverging(self.steps_per_epoch):
                self._steps.settle()
                self._check_weights()
                if self._average is not None:
                    self._average.end_epoch(state.epoch)
            state.measuring = True
        taken = (state.epoch + 1) * self.steps_per_epoch
        self._schedules.set(taken)
        with self.phases("measuring"):
            metrics = self._measure()
        self._check(metrics.get("val_loss", 0.0), self.steps_per_epoch)
        found = {**metrics, "learning_rate": self._learning_rate(), **self._schedules.values(taken)}
        # Every process has to draw the same conclusions.
        (values,) = self._distribution.from_chief([np.asarray(list(found.values()), np.float64)])
        row = {"epoch": state.epoch + 1, **dict(zip(found, values.tolist()))}
        state.end_epoch(row)
        with self.phases("checkpoints"):
            self._checkpoints.after_epoch(state, last=self._is_over())
        for listener in self._listeners:
            listener.epoch(row, time.perf_counter() - began)

    def _learn(self) -> None:
        state, train, is_shared = self.state, self._steps.train, self._distribution.replicas > 1
        pending: list[tf.Tensor] = []
        for step in range(state.step, self.steps_per_epoch):
            self._schedules.set(state.epoch * self.steps_per_epoch + step)
            with self._diverging(step + 1):
                loss, stops = train(self._stop[self._interrupts.signal != 0]) if is_shared else train()
            state.step = step + 1
            # One step late, so that an accelerator need not wait for this to look at the loss.
            pending.append(loss)
            if len(pending) > 1:
                self._check(pending.pop(0), step)
            for listener in self._listeners:
                listener.step(state.epoch, step)
            stopped = float(stops) > 0 if stops is not None else self._interrupts.signal != 0
            if stopped or self.section.checkpoint.steps is not None or step + 1 == self.steps_per_epoch:
                self._check(pending.pop(), step + 1)
                self._steps.meters.count()
                self._checkpoints.after_step(state)
            if stopped:
                self._stopped()

    def _measure(self) -> dict[str, float]:
        """The metrics of the epoch: what was learnt from, and the watched part under `val_`."""
        meters = self._steps.meters
        learnt, kept = meters.results(), values_of(meters.variables)
        model = self._measured.update()
        meters.reset()
        self._steps.start_test()
        for _ in range(self._watched_steps):
            self._steps.test(model)
            if self._distribution.processes == 1 and self._interrupts.signal:
                set_values(meters.variables, kept)
                self._stopped()
        return {**learnt, **{f"val_{name}": value for name, value in meters.results().items()}}

    def _learning_rate(self) -> float:
        return float(np.asarray(self._steps.optimizer.learning_rate))

    def _check(self, loss: tf.Tensor | float, step: int) -> None:
        value = float(loss)
        if not math.isfinite(value):
            raise self._diverged(f"the loss became {value}", step)

    def _check_weights(self) -> None:
        """The last step of an epoch is seen by no loss of it."""
        for variable in self._steps.model.weights:
            if not np.isfinite(np.asarray(variable)).all():
                raise self._diverged(
                    f"the weights `{variable.path}` became NaN or infinite", self.steps_per_epoch
                )

    @contextmanager
    def _diverging(self, step: int) -> Iterator[None]:
        """Weights that are not finite, or nearly so, end some iterations towards a constraint in an error."""
        try:
            yield
        except tf.errors.InvalidArgumentError as error:
            if not _DECOMPOSITION.search(str(error.message)):
                raise
            raise self._diverged(
                "the weights became too large to be brought onto their constraint", step
            ) from None

    def _diverged(self, what: str, step: int) -> RefusedError:
        return RefusedError(
            f"{what} in epoch {self.state.epoch + 1}, step {step}, at a learning rate of {self._learning_rate():.3g}",
            f"lower the learning rate or the loss's parameters; {self._checkpoints.kept(self.state)}",
        )

    def _stopped(self) -> None:
        self._checkpoints.interrupted(self.state)
        where = f"in {self.state.describe()}; {self._checkpoints.kept(self.state)}"
        number = self._interrupts.signal
        if number:
            raise StoppedError(f"interrupted {where}", self._checkpoints.how_to_resume(), signal=number)
        raise InterruptedByOthersError(
            f"another process of the training was asked to stop, so all of them stopped {where}",
            self._checkpoints.how_to_resume(),
        )
