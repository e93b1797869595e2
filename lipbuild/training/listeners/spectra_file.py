from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.errors import UnusableError
from lipbuild.reading.file import read_bytes
from lipbuild.reading.json_file import json_object
from lipbuild.training.files import write_text
from lipbuild.training.kernel_spectrum import kernel_spectra
from lipbuild.training.listeners.listener import Listener, Plan
from lipbuild.training.warn import warn

# What it may take of a training's time; the epochs between are left out.
_SHARE = 0.02
_QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)


class SpectraFile(Listener):
    """Writes `spectra.jsonl`: for an epoch a line, for each kernel the quartiles of its singular values.

    The first and the last epoch are there in any case, the others as often as that takes a fiftieth of the time.
    """

    def start(self, plan: Plan) -> None:
        """Read what an earlier part of a resumed training has written."""
        self._plan = plan
        self._last_end, self._last_cost = -np.inf, 0.0
        self._lines: list[str] = []
        if plan.first_epoch and plan.run.spectra.exists():
            self._lines = list(_lines_until(plan.first_epoch, plan.run.spectra))

    def epoch(self, row: Mapping[str, float], seconds: float) -> None:
        """Write the epoch's line, if it is time."""
        began, epoch = time.monotonic(), int(row["epoch"])
        if epoch < self._plan.epochs and began - self._last_end < self._last_cost * (1.0 / _SHARE - 1.0):
            return
        layers = {name: found for layer in self._plan.model.layers for name, found in _quartiles(layer)}
        if layers:
            self._lines.append(json.dumps({"epoch": epoch, "layers": layers}))
            write_text(self._plan.run.spectra, "\n".join([*self._lines, ""]))
        self._last_end = time.monotonic()
        self._last_cost = self._last_end - began


def _lines_until(epoch: int, path: Path) -> Iterator[str]:
    """The lines of the epochs up to one; those that are damaged are left out, and it is said that there are some."""
    damaged = 0
    try:
        text = read_bytes(path).decode("utf-8", "replace")
    except UnusableError as error:
        warn(f"{error.message}; it starts again")
        return
    for line in text.splitlines():
        try:
            if int(json_object(line.encode(), path)["epoch"]) <= epoch:
                yield line
        except (UnusableError, KeyError, TypeError, ValueError):
            damaged += 1
    if damaged:
        warn(f"{path}: {damaged} of its lines are damaged, and are left out")


def _quartiles(layer: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """By kernel the least, the quartiles and the greatest singular value; nothing where they cannot be told."""
    try:
        spectra = kernel_spectra(layer)
    except np.linalg.LinAlgError:
        return
    for name, values in spectra.items():
        if len(values) and np.isfinite(values).all():
            yield name, {"values": len(values), "quartiles": np.quantile(values, _QUANTILES).tolist()}
