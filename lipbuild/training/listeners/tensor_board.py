from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.callbacks.summaries import write_scalar
from lipbuild.training.listeners.listener import Listener, Plan


class TensorBoard(Listener):
    """Writes the metrics of each epoch as TensorBoard's scalars into the run folder.

    The folders `train` and `validation` (or `test`) show as two curves of one name, as those of Keras do.
    TensorBoard itself is not needed to write them.
    """

    def start(self, plan: Plan) -> None:
        """Open the files."""
        import tensorflow as tf

        self._writers: dict[str, Any] = {
            prefix: tf.summary.create_file_writer(str(plan.run.tensorboard / name))
            for prefix, name in (("", "train"), ("val_", plan.watched))
        }

    def epoch(self, row: Mapping[str, float], seconds: float) -> None:
        """Write an epoch's metrics."""
        for key, value in row.items():
            if key == "epoch":
                continue
            prefix = "val_" if key.startswith("val_") else ""
            with self._writers[prefix].as_default():
                write_scalar(f"epoch_{key.removeprefix(prefix)}", value, int(row["epoch"]))
        for writer in self._writers.values():
            writer.flush()

    def end(self, problem: str = "") -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()
