from __future__ import annotations

from collections.abc import Callable, Mapping

from lipbuild.reporting.live.page_server import EVENTS, PageServer
from lipbuild.reporting.live.pages import Pages
from lipbuild.reporting.report import report_page
from lipbuild.reporting.run_files import RunFiles
from lipbuild.training.listeners.listener import Listener, Plan


class LivePage(Listener):
    """Serves the report of a training while it runs, anew after each epoch, and ends with it.

    Args:
        host: The address to listen on.
        port: The port; 0 takes a free one.
        say: Is told the address.

    Raises:
        UnusableError: It cannot be listened on.
    """

    def __init__(self, host: str, port: int, say: Callable[[str], None]) -> None:
        self._pages = Pages()
        self._server = PageServer(host, port, self._pages)
        self._say = say

    @property
    def address(self) -> str:
        """Where it is."""
        return self._server.address

    def start(self, plan: Plan) -> None:
        """Show what there is before the first epoch."""
        self._run = plan.run
        self._show()
        self._say(f"the training is shown at {self.address}")

    def epoch(self, row: Mapping[str, float], seconds: float) -> None:
        """Show what there is after an epoch."""
        self._show()

    def end(self, problem: str = "") -> None:
        """Show the last page, and end."""
        self._show(ended=True, problem=problem)
        self._server.close()

    def _show(self, *, ended: bool = False, problem: str = "") -> None:
        try:
            text = report_page(RunFiles(self._run), live=EVENTS)
        except Exception:
            # If something cannot be drawn, the training continues and the last page stays.
            text = self._pages.text
        self._pages.put(text, ended=ended, problem=problem)
