from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from lipbuild.training.files import write_text
from lipbuild.training.listeners.listener import Listener, Plan
from lipbuild.training.run_folder import RunFolder


class MetricsFile(Listener):
    """Writes `metrics.csv` after each epoch, whole or not at all.

    Args:
        rows: The epochs that there have been before, in a training that is resumed.
    """

    def __init__(self, rows: Sequence[Mapping[str, float]] = ()) -> None:
        self._rows = list(rows)

    def start(self, plan: Plan) -> None:
        """Remember where it goes."""
        self._path = plan.run.metrics

    def epoch(self, row: Mapping[str, float], seconds: float) -> None:
        """Write what is known after this epoch."""
        self._rows.append(row)
        self._write()

    def had_ended(self, run: RunFolder) -> None:
        """Write the file where it is missing."""
        self._path = run.metrics
        if self._rows and not self._path.is_file():
            self._write()

    def _write(self) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(self._rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._rows)
        write_text(self._path, text.getvalue())
