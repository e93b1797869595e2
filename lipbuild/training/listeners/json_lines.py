from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from lipbuild.data.baseline import Baseline
from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.outputs import OUTPUTS
from lipbuild.outputs.json_text import finite
from lipbuild.training.listeners.listener import Listener, Plan
from lipbuild.training.run_folder import RunFolder

KIND = OUTPUTS["train"]


class JsonLines(Listener):
    """One JSON object a line on standard output, for programs: `start`, `epoch` for each epoch, `end`."""

    _baseline: Mapping[str, Any] | None = None

    def start(self, plan: Plan) -> None:
        """Say what is going to be done."""
        self._plan = plan
        self._began = time.monotonic()
        _say(
            "start",
            format=KIND.format,
            version=KIND.version,
            run=str(plan.run.path),
            name=plan.name,
            epochs=plan.epochs,
            steps=plan.steps,
            first_epoch=plan.first_epoch + 1,
            watched=plan.watched,
            environment=dict(plan.environment),
        )

    def epoch(self, row: Mapping[str, float], seconds: float) -> None:
        """Say what is known after an epoch, and how long the rest should take."""
        done = int(row["epoch"])
        each = (time.monotonic() - self._began) / max(done - self._plan.first_epoch, 1)
        left = each * (self._plan.epochs - done)
        _say("epoch", **row, epochs=self._plan.epochs, seconds=round(seconds, 3), seconds_left=round(left, 3))

    def result(self, baseline: Baseline) -> None:
        """Keep what a constant answer reaches for the last line."""
        self._baseline = baseline.as_json()

    def had_ended(self, run: RunFolder) -> None:
        """Say so."""
        _say("end", run=str(run.path))

    def end(self, problem: str = "") -> None:
        """Say how it ended, and what a constant answer reaches."""
        found = {"problem": problem, "baseline": self._baseline}
        _say("end", run=str(self._plan.run.path), **{key: value for key, value in found.items() if value})


def _say(event: str, **values: Any) -> None:
    print(dump_json(finite({"event": event, **values}), indent=None), flush=True)
