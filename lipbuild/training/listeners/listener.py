from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lipbuild.data.baseline import Baseline
from lipbuild.training.phases import Phases
from lipbuild.training.run_folder import RunFolder


@dataclass(frozen=True)
class Plan:
    """What a training is going to do.

    Attributes:
        run: Its run folder.
        name: The model's name.
        epochs: The number of epochs.
        steps: The number of steps of an epoch.
        watched: What the `val_` metrics are measured on: `validation` or `test`.
        parameters: The resolved config, flat.
        environment: What it runs on.
        first_epoch: The epoch that it starts with, from 0: above 0 where it is resumed.
        phases: How long it spends on what, as it goes.
        model: The model that is measured: after each epoch it is in float32, with every kernel settled.
    """

    run: RunFolder
    name: str
    epochs: int
    steps: int
    watched: str
    parameters: Mapping[str, Any]
    environment: Mapping[str, Any]
    first_epoch: int = 0
    phases: Phases = field(default_factory=Phases)
    model: Any = None


class Listener:
    """Is told of a training. Whatever it does, it changes nothing of it; an error that it raises ends it."""

    def start(self, plan: Plan) -> None:
        """The training starts."""

    def step(self, epoch: int, step: int) -> None:
        """A step has been taken. Epochs and steps are counted from 0."""

    def epoch(self, row: Mapping[str, float], seconds: float) -> None:
        """An epoch has ended.

        Args:
            row: Its number from 1 under `epoch`, and its metrics.
            seconds: How long it took.
        """

    def result(self, baseline: Baseline) -> None:
        """The training has come to its end.

        Args:
            baseline: What a constant answer reaches on the watched part, and what the network.
        """

    def had_ended(self, run: RunFolder) -> None:
        """Instead of all else: the training had ended before, and what its folder lacks is to be written.

        Args:
            run: Its run folder.
        """

    def end(self, problem: str = "") -> None:
        """The training has ended, or failed.

        Args:
            problem: Why it did not come to its end; nothing where it did.
        """
