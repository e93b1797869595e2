from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Mapping

from lipbuild.data.baseline import Baseline
from lipbuild.diagnostics.palette import Palette
from lipbuild.diagnostics.terminal_width import terminal_width
from lipbuild.training.listeners.listener import Listener, Plan
from lipbuild.training.listeners.words import baseline_line, certified_at, epoch_header, epoch_row
from lipbuild.training.run_folder import RunFolder

# The bar is drawn ten times a second; drawing it more often would only cost time.
_INTERVAL = 0.1
_WIDTH = 24
# To the beginning of the line, which is wiped out.
_WIPE = "\r\033[2K"


class Progress(Listener):
    """A line per epoch; on a terminal also a bar with the last metrics and the time that is left."""

    def __init__(self) -> None:
        self._has_bar = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._palette = Palette.for_stream(sys.stdout)
        self._metrics = ""
        self._drawn = 0.0
        # When the first step was told of, and how many there were then: before it the step is compiled.
        self._since: tuple[float, int] | None = None

    def start(self, plan: Plan) -> None:
        """Show the bar."""
        self._plan = plan
        self._draw(plan.first_epoch, plan.first_epoch * plan.steps)

    def step(self, epoch: int, step: int) -> None:
        """Move the bar, ten times a second at most."""
        now = time.monotonic()
        done = epoch * self._plan.steps + step + 1
        self._since = self._since or (now, done)
        if now - self._drawn >= _INTERVAL:
            self._drawn = now
            self._draw(epoch, done)

    def epoch(self, row: Mapping[str, float], seconds: float) -> None:
        """Show the epoch's line, below the names of the columns the first time."""
        self._wipe()
        width = terminal_width()
        if not self._metrics:
            print("\n".join(epoch_header(self._plan, row, width)))
        print(epoch_row(self._plan, row, seconds, width), flush=True)
        self._metrics = _short(row)

    def result(self, baseline: Baseline) -> None:
        """Show what a constant answer reaches."""
        self._wipe()
        said = baseline_line(self._plan, baseline)
        print(textwrap.fill(said, terminal_width(), subsequent_indent="  "), flush=True)

    def had_ended(self, run: RunFolder) -> None:
        """Say so."""
        print("the training has ended: nothing is left to do", flush=True)

    def end(self, problem: str = "") -> None:
        """Take the bar away, however the training ended."""
        self._wipe()

    def _draw(self, epoch: int, done: int) -> None:
        if not self._has_bar:
            return
        total = self._plan.epochs * self._plan.steps
        full, empty = "━─" if (sys.stdout.encoding or "").lower().startswith("utf") else "#-"
        length = int(_WIDTH * done / total)
        head = f"epoch {epoch + 1}/{self._plan.epochs} "
        share, left = f" {done / total:>4.0%} ", f"{self._left(done, total)} left"
        # A line that is too long would be broken, and half of it would stay: the metrics are cut first.
        room = terminal_width() - 1 - len(head) - _WIDTH
        metrics = self._metrics[: max(room - len(share + left) - 1, 0)]
        bar = self._palette.paint(full * length, "cyan") + empty * (_WIDTH - length)
        print(
            f"{_WIPE}{head}{bar}{(share + metrics + ' ' * bool(metrics) + left)[: max(room, 0)]}",
            end="",
            flush=True,
        )

    def _left(self, done: int, total: int) -> str:
        """The time that is left at the pace so far."""
        if self._since is None or done <= self._since[1]:
            return "--:--"
        began, first = self._since
        seconds = int((time.monotonic() - began) / (done - first) * (total - done))
        minutes, hours = seconds // 60 % 60, seconds // 3600
        return (f"{hours}:" if hours else "") + f"{minutes:02}:{seconds % 60:02}"

    def _wipe(self) -> None:
        if self._has_bar:
            print(_WIPE, end="", flush=True)


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
