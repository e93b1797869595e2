from __future__ import annotations

import sys
import time
from typing import Any

import keras


class Progress(keras.callbacks.Callback):
    """One line an epoch with loss, clean and certified accuracy; a bar while an epoch runs on a terminal.

    Args:
        epochs: The number of epochs.
        steps: The number of steps of an epoch.
        watched: What the `val_` metrics are measured on (`validation` or `test`).
        quiet: Whether nothing is shown.
    """

    def __init__(self, epochs: int, steps: int, watched: str, *, quiet: bool = False) -> None:
        super().__init__()
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self.epochs = epochs
        self.steps = steps
        self.watched = watched
        self.quiet = quiet
        self.console = Console(highlight=False, soft_wrap=True)
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("steps, time left"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=quiet or not sys.stdout.isatty(),
        )
        self.task: Any = None
        self.started = 0.0

    def on_train_begin(self, logs: Any = None) -> None:
        """Show the head of the table and the bar."""
        if self.quiet:
            return
        self.task = self.bar.add_task("epoch 1", total=self.epochs * self.steps)
        self.bar.start()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Name the epoch in the bar."""
        self.started = time.perf_counter()
        if self.task is not None:
            self.bar.update(self.task, description=f"epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the bar."""
        if self.task is not None:
            self.bar.advance(self.task)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Show the epoch's line."""
        if self.quiet:
            return
        logs = logs or {}
        width = len(str(self.epochs))
        seconds = time.perf_counter() - self.started
        parts = [f"epoch {epoch + 1:>{width}}/{self.epochs}", f"{seconds:.1f}s", f"loss {logs['loss']:.4f}"]
        watched = {key.removeprefix("val_"): value for key, value in logs.items() if key.startswith("val_")}
        if "accuracy" in watched:
            parts.append(f"{self.watched} accuracy {watched['accuracy']:.1%}")
            certified = [(k, v) for k, v in watched.items() if k.startswith("certified_")]
            if certified:
                parts.append(
                    "certified " + ", ".join(f"{value:.1%} at {key[10:]}" for key, value in certified)
                )
        elif "mean_absolute_error" in watched:
            parts.append(f"{self.watched} mean absolute error {watched['mean_absolute_error']:.4f}")
        self.console.print("  ".join(parts))

    def close(self) -> None:
        """Take the bar away, however the training ended."""
        if self.task is not None:
            self.bar.stop()
