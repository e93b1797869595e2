from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import keras

from lipbuild.training.files import write_text, write_whole


class History(keras.callbacks.Callback):
    """Writes `metrics.csv` and the last checkpoint after each epoch, each whole or not at all.

    Attributes:
        rows: The metrics of each epoch, `val_` before those of the watched part.
    """

    def __init__(self, metrics: Path, checkpoint: Path) -> None:
        super().__init__()
        self.metrics = metrics
        self.checkpoint = checkpoint
        self.rows: list[dict[str, float]] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write what is known after this epoch."""
        self.rows.append({"epoch": epoch + 1, **{key: float(value) for key, value in (logs or {}).items()}})
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(self.rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        write_text(self.metrics, text.getvalue())
        write_whole(self.checkpoint, self.model.save)
