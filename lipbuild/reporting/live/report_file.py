from __future__ import annotations

from lipbuild.errors import LipbuildError
from lipbuild.reporting.report import report_page
from lipbuild.reporting.run_files import RunFiles
from lipbuild.training.files import write_text
from lipbuild.training.listeners.listener import Listener, Plan
from lipbuild.training.run_folder import RunFolder
from lipbuild.training.warn import warn


class ReportFile(Listener):
    """Writes `report.html` when a training has ended."""

    def start(self, plan: Plan) -> None:
        """Remember where it goes."""
        self._run = plan.run

    def had_ended(self, run: RunFolder) -> None:
        """Write it where it is missing."""
        if not run.report.is_file():
            write_report(run)

    def end(self, problem: str = "") -> None:
        """Write it, however the training ended."""
        write_report(self._run)


def write_report(run: RunFolder) -> None:
    """Write the report of a run as it is now. What it is written after has succeeded, and does not fail for it."""
    try:
        write_text(run.report, report_page(RunFiles(run)))
    except Exception as error:
        reason = error.message if isinstance(error, LipbuildError) else f"{type(error).__name__}: {error}"
        warn(f"the report is not written: {reason}")


def refresh_report(run: RunFolder) -> None:
    """Write the report of a run anew where there is one, so that it shows what was found since."""
    if run.report.is_file():
        write_report(run)
