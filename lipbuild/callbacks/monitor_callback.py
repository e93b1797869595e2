"""Watching singular values while training."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lipbuild.callbacks.summaries import write_tensor

_BUCKETS = 30


def _write_summary(tag: str, values: np.ndarray, what: str, step: int) -> None:
    if what == "max":
        plugin, tensor = "scalars", values.max()
    else:
        # In float64, and at least as wide as float32 can tell apart: all values of an orthogonal kernel are equal.
        values = values.astype(np.float64)
        middle, width = (
            (values.max() + values.min()) / 2,
            max(np.ptp(values), 1e-6 * abs(values.max()), 1e-12),
        )
        reach = (middle - width / 2, middle + width / 2)
        counts, edges = np.histogram(np.clip(values, *reach), bins=_BUCKETS, range=reach)
        plugin, tensor = "histograms", np.stack([edges[:-1], edges[1:], counts], axis=1)
    write_tensor(plugin, tag, tensor, step)


@keras.saving.register_keras_serializable(package="lipbuild")
class MonitorCallback(keras.callbacks.Callback):
    """Writes singular values of layers' reshaped kernels to TensorBoard.

    Args:
        monitored_layers: Names of the layers.
        logdir: The folder to write to; the events go to its subfolder `metrics`.
        target: "kernel" or "wbar", deel-lip's name for the constrained kernel. A lipbuild layer's kernel is
            the constrained one, so both are the same, up to the factor that a layer multiplies it by.
        what: "max" writes the largest singular value, "all" the distribution of all.
        on_epoch: Write at the end of each epoch.
        on_batch: Write after each batch (then not at the end of epochs as well).

    Raises:
        ValueError: Target or what is none of these, or a layer has no kernel.
    """

    def __init__(
        self,
        monitored_layers: Iterable[str],
        logdir: str,
        target: str = "kernel",
        what: str = "max",
        on_epoch: bool = True,
        on_batch: bool = False,
    ) -> None:
        super().__init__()
        if target not in ("kernel", "wbar"):
            raise ValueError(f"target must be 'kernel' or 'wbar'. Received: target={target!r}")
        if what not in ("max", "all"):
            raise ValueError(f"what must be 'max' or 'all'. Received: what={what!r}")
        self.monitored_layers = list(monitored_layers)
        self.logdir = str(logdir)
        self.target = target
        self.what = what
        self.on_epoch = bool(on_epoch)
        self.on_batch = bool(on_batch)
        self._writer: Any = None
        self._step = 0

    def _write(self, step: int) -> None:
        import tensorflow as tf

        if self._writer is None:
            self._writer = tf.summary.create_file_writer(str(Path(self.logdir) / "metrics"))
        with self._writer.as_default():
            for name in self.monitored_layers:
                kernel = getattr(self.model.get_layer(name), "kernel", None)
                if kernel is None:
                    raise ValueError(f"Layer {name!r} has no kernel to monitor.")
                matrix = keras.ops.convert_to_numpy(kernel)
                values = np.linalg.svd(matrix.reshape(-1, matrix.shape[-1]), compute_uv=False)
                _write_summary(f"{name}_{self.target}_sigmas", values, self.what, step)
        self._writer.flush()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Write, if asked for each batch."""
        if self.on_batch:
            self._write(self._step)
            self._step += 1

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write, if asked for each epoch."""
        if self.on_epoch and not self.on_batch:
            self._write(epoch)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            "monitored_layers": self.monitored_layers,
            "logdir": self.logdir,
            "target": self.target,
            "what": self.what,
            "on_epoch": self.on_epoch,
            "on_batch": self.on_batch,
        }
