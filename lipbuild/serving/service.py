"""What is served: a network, and what one has to know of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.runtimes.runtime import Outputs, Predict
from lipbuild.serving.given_column import GivenColumn, given_columns

Samples = NDArray[np.float32]
Predictions = list[dict[str, Any]]

_LARGEST_RADIUS = 1e38
_TOLERANCE = "within_tolerance"


@dataclass(frozen=True)
class Service:
    """A network that answers.

    Attributes:
        metadata: What an export says of itself.
        predict: Runs it; never called twice at once.
        origin: What is served, in words.
        no_radius: Why it gives no radius; empty where it gives one.
        certified: What is proved of it; None where nothing is.
        no_proof: Why nothing is.
    """

    metadata: Mapping[str, Any]
    predict: Predict
    origin: str
    no_radius: str = ""
    certified: CertifiedNetwork | None = None
    no_proof: str = ""

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape of one sample."""
        return tuple(self.metadata["input"]["shape"])

    @property
    def classes(self) -> list[str]:
        """The names of the classes; empty for regression."""
        return list(self.metadata["classes"])

    @cached_property
    def columns(self) -> dict[str, GivenColumn] | None:
        """The columns of a table in order; None where there are no names."""
        columns = self.metadata["input"].get("columns")
        return None if columns is None else given_columns(columns)

    @property
    def tolerances(self) -> list[Tolerance]:
        """By how much columns may be off, as the metadata say."""
        sizes = (self.metadata.get("tolerance") or {}).get("columns", {})
        places = {
            column["name"]: place
            for place, column in enumerate(self.metadata["input"].get("columns") or ())
            if not {"category", "indicates"} & set(column)
        }
        return [Tolerance(name, places[name], size) for name, size in sizes.items()]

    def marks(self, samples: int) -> int | None:
        """How many of `[`, `{` and `,` a body with so many samples has at most; None where a size is open."""
        shape = [size for size in self.input_shape if size is not None]
        if len(shape) < len(self.input_shape):
            return None
        lists = sum(math.prod(shape[:axes]) for axes in range(len(shape) + 1))
        names = count_marks(json.dumps(self.metadata["input"].get("columns")).encode())
        return 8 + samples * (8 + max(lists, names))

    def answer(self, requests: Sequence[Samples]) -> list[Predictions | OverflowError]:
        """Answer several requests in one call of the runtime.

        A sample's answer does not depend on what else is in the batch, but for the order in which a runtime adds
        products: the proved bound of the float32 error holds for any.

        Args:
            requests: The samples of each, (samples, *shape), all of one shape.

        Returns:
            For each request a mapping a sample: label, class, margin, radius and logits, or else each output by its
            name; or the error, where a sample is so large that the network's outputs are not finite.
        """
        outputs = self.predict(requests[0] if len(requests) == 1 else np.concatenate(requests))
        finite, described = (
            _classified(outputs, self.classes) if "logits" in outputs else _as_they_are(outputs)
        )
        found: list[Predictions | OverflowError] = []
        first = 0
        for samples in requests:
            rows_of_request = slice(first, first + len(samples))
            first += len(samples)
            if finite[rows_of_request].all():
                found.append(described[rows_of_request])
            else:
                place = int(np.argmin(finite[rows_of_request]))
                found.append(OverflowError(f"inputs[{place}] is so large that the network overflows"))
        return found


def count_marks(text: bytes) -> int:
    """How many marks of JSON stand in a text that begin a value: no more values are in it, but for the first."""
    return text.count(b"[") + text.count(b"{") + text.count(b",")


def _as_they_are(outputs: Outputs) -> tuple[NDArray[np.bool_], Predictions]:
    """Which samples have finite outputs, and the outputs of each."""
    values = {
        name: output if output.dtype == np.bool_ else output.astype(np.float64)
        for name, output in outputs.items()
    }
    sums = [value.reshape(len(value), -1).sum(axis=1) for value in values.values()]
    rows = zip(*(value.tolist() for value in values.values()))
    finite: NDArray[np.bool_] = np.isfinite(np.stack(sums)).all(axis=0)
    return finite, [dict(zip(values, row)) for row in rows]


def _classified(outputs: Outputs, classes: list[str]) -> tuple[NDArray[np.bool_], Predictions]:
    """Which samples have finite outputs, and what is said of each."""
    logits = outputs["logits"].astype(np.float64)
    if "label" in outputs:
        labels, margins = outputs["label"], outputs["margin"].astype(np.float64)
        radii: list[float | None] = _finite_radii(outputs["radius"]).tolist()
    else:
        labels, margins = _labels(logits)
        radii = [None] * len(labels)
    # Sums of float32 numbers do not overflow in float64.
    finite = np.isfinite(logits.sum(axis=1) + margins)
    found: Predictions = [
        {
            "label": label if label >= 0 else None,
            "class": _class(label, classes),
            "margin": margin,
            "radius": radius,
            "logits": row,
        }
        for label, margin, radius, row in zip(labels.tolist(), margins.tolist(), radii, logits.tolist())
    ]
    if _TOLERANCE in outputs:
        found = [row | {_TOLERANCE: kept} for row, kept in zip(found, outputs[_TOLERANCE].tolist())]
    return finite, found


def _class(label: int, classes: list[str]) -> str | None:
    if label < 0:
        return None
    return classes[label] if label < len(classes) else str(label)


def _finite_radii(radii: NDArray[np.generic]) -> NDArray[np.float64]:
    """Radii as numbers of JSON, none greater than it was."""
    found = radii.astype(np.float64)
    if (found <= _LARGEST_RADIUS).all():
        return found
    # Where nothing at all can change a label it may be infinite, which JSON has no number for.
    return np.minimum(np.nan_to_num(found, nan=0.0, posinf=_LARGEST_RADIUS), _LARGEST_RADIUS)


def _labels(logits: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if logits.shape[1] == 1:
        return (logits[:, 0] > 0.0).astype(np.int64), np.abs(logits[:, 0])
    ordered = np.sort(logits, axis=1)
    # What is not finite is refused, whatever its margin.
    with np.errstate(invalid="ignore"):
        return logits.argmax(axis=1), ordered[:, -1] - ordered[:, -2]
