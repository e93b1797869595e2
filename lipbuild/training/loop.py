from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lipbuild.data.dataset import Part
from lipbuild.errors import InterruptedByOthersError, RefusedError, StoppedError
from lipbuild.spec.sections import TrainSection
from lipbuild.training.checkpoints import Checkpoints
from lipbuild.training.distribution.distribution import Distribution
from lipbuild.training.interrupts import Interrupts
from lipbuild.training.listeners.listener import Listener
from lipbuild.training.measured_model import MeasuredModel
from lipbuild.training.monitor import Monitor
from lipbuild.training.phases import Phases
from lipbuild.training.steps import Steps
from lipbuild.training.training_state import TrainingState
from lipbuild.training.variables import set_values, values_of
from lipbuild.training.weight_average import WeightAverage

# The least number of samples that are measured at once.
_MEASURED_AT_ONCE = 1024


class Loop:
    """Goes through the data epoch by epoch: learns from it, measures, keeps checkpoints, tells the listeners.

    Args:
        section: What the config says of the training.
        seed: What the order of the samples and their augmentation are drawn with.
        train: What is learnt from.
        watched: What each epoch is measured on.
        steps: The compiled steps.
        measured: The model that is measured and saved.
        average: The average of the weights, if any.
        checkpoints: Where it stands is kept there.
        monitor: When it is over before its last epoch.
        distribution: Where it runs.
        listeners: Who is told.
        state: How far it has come; carried on.
        most_steps: The most steps that are taken of an epoch, and the most batches that are measured.
    """

    def __init__(
        self,
        *,
        section: TrainSection,
        seed: int,
        train: Part,
        watched: Part,
        steps: Steps,
        measured: MeasuredModel,
        average: WeightAverage | None,
        checkpoints: Checkpoints,
        monitor: Monitor,
        distribution: Distribution,
        listeners: Sequence[Listener],
        state: TrainingState,
        most_steps: int | None = None,
    ) -> None:
        self.section = section
        self.state = state
        self._seed = seed
        self._train = train
        self._steps = steps
        self._measured = measured
        self._average = average
        self._checkpoints = checkpoints
        self._monitor = monitor
        self._distribution = distribution
        self._listeners = listeners
        self._interrupts = Interrupts()
        self.phases = Phases()
        self._stop = tf.constant(0.0), tf.constant(1.0)
        most = math.inf if most_steps is None else most_steps
        self.steps_per_epoch = int(min(train.steps(section.batch_size), most))
        size = max(section.batch_size, _MEASURED_AT_ONCE)
        self._watched_steps = int(min(watched.steps(size), most))
        # All epochs in a row, so that the next one's first batches are there when they are needed.
        self._watched = iter(self._batches(watched, size, epochs=range(state.epoch, section.epochs)))

    def run(self) -> None:
        """Train until the last epoch has ended, or the monitor says that it is over.

        Raises:
            RefusedError: The loss is no number.
            StoppedError: A signal came; what has been reached is kept.
            InterruptedByOthersError: Another process was asked to stop; what has been reached is kept.
            UnusableError: A file cannot be written.
        """
        batches = iter(
            self._batches(
                self._train,
                self.section.batch_size,
                epochs=range(self.state.epoch, self.section.epochs),
                first_step=self.state.step,
                seed=self._seed,
                augment=True,
            )
        )
        with self._interrupts:
            while not self._is_over():
                self._epoch(batches)

    def _batches(self, part: Part, size: int, **which: Any) -> tf.data.Dataset:
        distribution = self._distribution
        return part.batches(
            size,
            replicas=distribution.replicas,
            own=distribution.own,
            places=distribution.replicas > 1,
            **which,
        )

    def _is_over(self) -> bool:
        return self.state.epoch >= self.section.epochs or self._monitor.is_over(self.state.rows)

    def _epoch(self, batches: Iterator[Any]) -> None:
        began = time.perf_counter()
        state = self.state
        if not state.measuring:
            if state.step == 0:
                self._distribution.share(self._steps.model)
                self._steps.reset()
            with self.phases("steps"):
                self._learn(batches)
            with self.phases("settling"):
                self._steps.settle()
                if self._average is not None:
                    self._average.end_epoch(state.epoch)
            state.measuring = True
        with self.phases("measuring"):
            metrics = self._measure()
        found = {**metrics, "learning_rate": self._learning_rate()}
        # Every process has to draw the same conclusions.
        (values,) = self._distribution.from_chief([np.asarray(list(found.values()), np.float64)])
        row = {"epoch": state.epoch + 1, **dict(zip(found, values.tolist()))}
        state.end_epoch(row)
        with self.phases("checkpoints"):
            self._checkpoints.after_epoch(state, last=self._is_over())
        for listener in self._listeners:
            listener.epoch(row, time.perf_counter() - began)

    def _learn(self, batches: Iterator[Any]) -> None:
        state, train = self.state, self._steps.train
        pending: list[tf.Tensor] = []
        for step in range(state.step, self.steps_per_epoch):
            loss, stops = train(batches, self._stop[self._interrupts.signal != 0])
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
                self._checkpoints.after_step(state)
            if stopped:
                self._stopped()

    def _measure(self) -> dict[str, float]:
        """The metrics of the epoch: what was learnt from, and the watched part under `val_`."""
        steps = self._steps
        learnt = steps.results()
        kept = values_of(steps.metric_variables)
        model = self._measured.update()
        steps.reset()
        for _ in range(self._watched_steps):
            steps.test(self._watched, model)
            if self._distribution.processes == 1 and self._interrupts.signal:
                set_values(steps.metric_variables, kept)
                self._stopped()
        found = {f"val_{name}": value for name, value in steps.results().items()}
        return {**learnt, **found}

    def _learning_rate(self) -> float:
        return float(np.asarray(self._steps.optimizer.learning_rate))

    def _check(self, loss: tf.Tensor, step: int) -> None:
        value = float(loss)
        if not math.isfinite(value):
            raise RefusedError(
                f"the loss became {value} in epoch {self.state.epoch + 1}, step {step}, at a learning rate of "
                f"{self._learning_rate():.3g}",
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
