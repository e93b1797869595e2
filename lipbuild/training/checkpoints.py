from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from lipbuild.config.sections import CheckpointSection
from lipbuild.errors import UnusableError
from lipbuild.training.files import remove, write_whole
from lipbuild.training.measured_model import MeasuredModel
from lipbuild.training.monitor import Monitor
from lipbuild.training.random_state import random_state
from lipbuild.training.run_folder import RunFolder
from lipbuild.training.state_file import Stored, write_state
from lipbuild.training.training_state import TrainingState
from lipbuild.training.variables import values_of

# Where a config does not say how often checkpoints are written, they take at most this share of the time.
_SHARE = 0.05


class Checkpoints:
    """Writes what a training resumes from, its last model and its best one.

    Args:
        run: The run folder; None writes nothing, as in every process but the chief.
        section: How often.
        measured: The model that is saved.
        tracked: The variables of the training, by group.
        monitor: What makes an epoch the best one; None where there is no validation share to tell.
        fingerprint: What tells the data from other data.
        epochs: The number of epochs.
        plain: Makes the plain form of the model.
    """

    def __init__(
        self,
        run: RunFolder | None,
        section: CheckpointSection,
        measured: MeasuredModel,
        tracked: Mapping[str, Sequence[Any]],
        monitor: Monitor | None,
        fingerprint: str,
        epochs: int,
        plain: Callable[[keras.Model], keras.Model],
    ) -> None:
        self._run = run
        self._section = section
        self._measured = measured
        self._tracked = tracked
        self._monitor = monitor
        self._fingerprint = fingerprint
        self._epochs = epochs
        self._plain = plain
        self._last_end, self._last_cost = -np.inf, 0.0
        self._best_is_new = False
        self._written: str | None = None
        self.best: list[np.ndarray] = []

    def after_step(self, state: TrainingState) -> None:
        """Write, if it is time, a checkpoint in the middle of an epoch."""
        if self._section.steps is not None and state.step % self._section.steps == 0:
            self._timed(lambda: self._write_state(state))

    def after_epoch(self, state: TrainingState, *, last: bool) -> None:
        """Keep the best weights, and write, if it is time or this was the last epoch."""
        if self._monitor is not None and self._monitor.best(state.rows) == state.epoch - 1:
            self.best = self._measured.weights()
            self._best_is_new = True
        if last or self._is_time(state.epoch):
            self._timed(lambda: self._write_all(state))

    def interrupted(self, state: TrainingState) -> None:
        """Write everything. The training must end after it: its kernels are settled for the last model."""
        self._write_state(state)
        self._measured.settle()
        self._write_models()

    def kept(self, state: TrainingState) -> str:
        """What the training can resume from, in words for a message."""
        if self._run is None:
            return "the chief keeps the checkpoint"
        if self._written is None:
            return "no checkpoint has been written"
        return f"the last checkpoint is of {'it' if self._written == state.describe() else self._written}"

    def how_to_resume(self) -> str:
        """How to resume the training, in words for a message."""
        if self._run is None or self._written is None:
            return ""
        return f"resume it with `lipbuild train --resume {self._run.path}`"

    def result(self, *, best: bool) -> keras.Model:
        """Write the trained model and its plain form, and return it.

        Args:
            best: Whether it is the best epoch's.
        """
        if best and self.best:
            self._measured.set_weights(self.best)
        model = self._measured.model
        if self._run is not None:
            # First, as the training has ended where there is a trained model.
            write_whole(self._run.plain, self._plain(model).save, durable=True)
            write_whole(self._run.model, model.save, durable=True)
        return model

    def _is_time(self, epoch: int) -> bool:
        if self._section.epochs is not None:
            return epoch % self._section.epochs == 0
        return time.monotonic() - self._last_end >= self._last_cost * (1.0 / _SHARE - 1.0)

    def _timed(self, write: Callable[[], None]) -> None:
        began = time.monotonic()
        try:
            write()
        except UnusableError as error:
            # A disk that is full, most likely: what was written before is whole.
            raise UnusableError(error.message, self.how_to_resume()) from None
        self._last_end = time.monotonic()
        self._last_cost = self._last_end - began

    def _write_all(self, state: TrainingState) -> None:
        self._write_state(state)
        self._write_models()

    def _write_state(self, state: TrainingState) -> None:
        if self._run is None:
            return
        arrays = {name: values_of(variables) for name, variables in self._tracked.items()}
        arrays["best"] = self.best
        arrays["random"] = list(random_state().values())
        # A trained model exists exactly if the training has ended, and this one has not.
        remove(self._run.model)
        write_state(self._run.state, Stored(copy.deepcopy(state), self._fingerprint, self._epochs, arrays))
        self._written = state.describe()

    def _write_models(self) -> None:
        if self._run is None:
            return
        model = self._measured.model
        write_whole(self._run.checkpoint, model.save, durable=True)
        if self._best_is_new:
            present = self._measured.weights()
            self._measured.set_weights(self.best)
            try:
                write_whole(self._run.best, model.save, durable=True)
            finally:
                self._measured.set_weights(present)
            self._best_is_new = False
