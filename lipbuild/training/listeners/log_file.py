from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone

from lipbuild.errors import LipbuildError
from lipbuild.training.files import append_line
from lipbuild.training.listeners.listener import Listener, Plan
from lipbuild.training.listeners.words import epoch_line


class LogFile(Listener):
    """Writes `train.log`: what a terminal shows, a line an epoch, also where there is no terminal any more.

    It is only a log: where it cannot be written the training goes on.
    """

    def start(self, plan: Plan) -> None:
        """Say what begins."""
        self._plan = plan
        self._say(f"training {plan.name} from epoch {plan.first_epoch + 1} of {plan.epochs}")

    def epoch(self, row: Mapping[str, float], seconds: float) -> None:
        """Say what is known after this epoch."""
        self._say(epoch_line(self._plan, row, seconds))

    def end(self, problem: str = "") -> None:
        """Say how it ended."""
        self._say(problem or "the training has ended")

    def _say(self, text: str) -> None:
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        try:
            append_line(self._plan.run.log, f"{now}  {text}")
        except LipbuildError:
            return
