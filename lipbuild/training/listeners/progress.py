from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

from lipbuild.training.listeners.listener import Listener, Plan
from lipbuild.training.listeners.words import certified_at, epoch_line

# The bar is drawn ten times a second; telling it more often would only cost time.
_INTERVAL = 0.1


class Progress(Listener):
    """A line an epoch; on a terminal also a bar with the last metrics and the time that is left."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._console = Console(highlight=False, soft_wrap=True)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[metrics]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=self._console,
            transient=True,
            disable=not sys.stdout.isatty(),
        )
        self._task: Any = None
        self._told = 0.0

    def start(self, plan: Plan) -> None:
        """Show the bar."""
        self._plan = plan
        done = plan.first_epoch * plan.steps
        self._task = self._bar.add_task(
            self._named(plan.first_epoch), total=plan.epochs * plan.steps, completed=done, metrics=""
        )
        self._bar.start()

    def step(self, epoch: int, step: int) -> None:
        """Move the bar, ten times a second at most."""
        now = time.monotonic()
        if now - self._told >= _INTERVAL:
            self._told = now
            done = epoch * self._plan.steps + step + 1
            self._bar.update(self._task, completed=done, description=self._named(epoch))

    def epoch(self, row: Mapping[str, float], seconds: float) -> None:
        """Show the epoch's line."""
        self._console.print(epoch_line(self._plan, row, seconds))
        self._bar.update(self._task, metrics=_short(row))

    def end(self, problem: str = "") -> None:
        """Take the bar away, however the training ended."""
        self._bar.stop()

    def _named(self, epoch: int) -> str:
        return f"epoch {epoch + 1}/{self._plan.epochs}"


def _short(row: Mapping[str, float]) -> str:
    """Loss, clean and certified accuracy as they fit beside a bar."""
    parts = [f"loss {row['loss']:.3g}"]
    watched = {key.removeprefix("val_"): value for key, value in row.items() if key.startswith("val_")}
    if "accuracy" in watched:
        parts.append(f"accuracy {watched['accuracy']:.1%}")
    certified = certified_at(watched)
    if certified:
        radius, value = certified[len(certified) // 2]
        parts.append(f"certified {value:.1%} at {radius}")
    return "  ".join(parts)
