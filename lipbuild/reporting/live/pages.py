from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class Pages:
    """The newest page of a training, for several who wait for the next.

    Attributes:
        number: How many pages there have been.
        text: The newest; nothing before the first.
        ended: Whether it is the last.
        problem: Why the training did not come to its end.
    """

    number: int = 0
    text: str = ""
    ended: bool = False
    problem: str = ""
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def put(self, text: str, *, ended: bool = False, problem: str = "") -> None:
        """Let a page be the newest."""
        with self._changed:
            self.number += 1
            self.text, self.ended, self.problem = text, ended, problem
            self._changed.notify_all()

    def after(self, number: int, seconds: float) -> int:
        """Wait for a page after the one of a number, so long at most.

        Returns:
            The number of the newest.
        """
        with self._changed:
            self._changed.wait_for(lambda: self.number > number, seconds)
            return self.number
