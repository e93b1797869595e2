"""What is served: a network, and what one has to know of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import LipbuildError, RefusedError, UnusableError
from lipbuild.exporting.format import Outputs, Predict
from lipbuild.exporting.formats import FORMATS
from lipbuild.serving.given_column import GivenColumn, given_columns

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Service:
    """A network that answers.

    Attributes:
        metadata: What an export says of itself.
        predict: Runs it.
        origin: What is served, in words.
        no_radius: Why it gives no radius; empty where it gives one.
    """

    metadata: Mapping[str, Any]
    predict: Predict
    origin: str
    no_radius: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape of one sample."""
        return tuple(self.metadata["input"]["shape"])

    @property
    def classes(self) -> list[str]:
        """The names of the classes; empty for regression."""
        return list(self.metadata["classes"])

    @property
    def columns(self) -> dict[str, GivenColumn] | None:
        """The columns of a table in order; None where there are no names."""
        columns = self.metadata["input"].get("columns")
        return None if columns is None else given_columns(columns)

    def answer(self, inputs: Samples) -> list[dict[str, Any]]:
        """A mapping a sample: label, class, margin, radius and logits, or the predicted values.

        Args:
            inputs: (samples, *shape), at least one sample.

        Raises:
            OverflowError: A sample is so large that the network's outputs are no finite numbers.
        """
        # Not every runtime may be called twice at once.
        with self._lock:
            outputs = self.predict(inputs)
        # A radius may be infinite: where nothing can change a label.
        numbers = [outputs[name] for name in ("values", "logits", "margin") if name in outputs]
        finite = np.all([np.isfinite(n.reshape(len(inputs), -1)).all(axis=1) for n in numbers], axis=0)
        if not finite.all():
            raise OverflowError(f"inputs[{int(np.argmin(finite))}] is so large that the network overflows")
        if "values" in outputs:
            return [{"values": row} for row in outputs["values"].astype(float).tolist()]
        return _classified(outputs, self.classes)


def _classified(outputs: Outputs, classes: list[str]) -> list[dict[str, Any]]:
    logits = outputs["logits"].astype(np.float64)
    if "label" in outputs:
        labels, margins = outputs["label"], outputs["margin"].astype(float)
        # Where nothing at all can change a label the radius is infinite, which JSON has no number for.
        # Where the norm of an input overflows, LiteRT's is no number: nothing is certified then.
        known = np.nan_to_num(outputs["radius"].astype(float), nan=0.0, posinf=1e38)
        radii: list[float | None] = np.minimum(known, 1e38).tolist()
    else:
        labels, margins = _labels(logits)
        radii = [None] * len(labels)
    return [
        {
            "label": int(label),
            "class": classes[int(label)] if int(label) < len(classes) else str(int(label)),
            "margin": float(margin),
            "radius": radius,
            "logits": row,
        }
        for label, margin, radius, row in zip(labels, margins, radii, logits.tolist())
    ]


def _labels(logits: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if logits.shape[1] == 1:
        return (logits[:, 0] > 0.0).astype(np.int64), np.abs(logits[:, 0])
    ordered = np.sort(logits, axis=1)
    return logits.argmax(axis=1), ordered[:, -1] - ordered[:, -2]


def open_export(path: Path) -> Service:
    """An exported file or folder.

    Raises:
        UnusableError: It is no export of lipbuild.
    """
    kinds = [
        kind for kind in FORMATS.values() if kind.suffix == path.suffix or (path.is_dir() and not kind.suffix)
    ]
    kind = next((kind for kind in kinds if path.is_dir() == (not kind.suffix)), None)
    try:
        if kind is None:
            raise ValueError("it has the ending of none")
        metadata = kind.metadata(path)
        if "input" not in metadata:
            raise ValueError("it has no metadata of lipbuild")
        predict = kind.load(path)
    except LipbuildError:
        raise
    # Whatever a runtime says of a file that is none of its own.
    except Exception as error:
        raise UnusableError(
            f"{path}: it is neither a run folder nor an export: {error}", "`lipbuild export RUN` makes one"
        ) from None
    reason = "" if "radius" in metadata["outputs"] else "it was exported without --with-radius"
    return Service(metadata, predict, f"the {kind.name} export {path.name}", reason)


def open_run(path: Path) -> Service:
    """The network of a run folder, in its plain form, with the radius computed inside where that can be.

    Raises:
        UnusableError: It is no run folder.
        RefusedError: Its weights exceed what its layers promise.
    """
    from lipbuild.evaluation.trained import load_trained
    from lipbuild.exporting.exporter import Exporter
    from lipbuild.exporting.format import run_keras
    from lipbuild.exporting.formats import FORMATS
    from lipbuild.exporting.options import ExportOptions
    from lipbuild.exporting.proof import prove
    from lipbuild.exporting.run_certificate import read_run_certificate
    from lipbuild.exporting.source import Source, columns_of, preprocessing_of, targets_of
    from lipbuild.guard.promises import check_promises, norms_of_open_sizes, weights_of
    from lipbuild.training.run_data import names_of
    from lipbuild.training.run_folder import open_run_folder

    folder = open_run_folder(path)
    trained = load_trained(folder)
    config, graph = trained.config, trained.graph
    task = config.needed("train").loss.task
    names = names_of(folder, config, graph)
    source = Source(
        model=trained.model,
        plain=trained.plain,
        graph=graph,
        task=task,
        inputs=np.zeros((1, *(size or 1 for size in graph.input_shape)), np.float32),
        units=names.unit,
        classes=names.classes,
        certificate=read_run_certificate(folder),
        voided_by=trained.voided_by,
        columns=columns_of(config),
        targets=targets_of(config),
        preprocessing=preprocessing_of(config),
        contract=names.contract,
    )
    weights = weights_of(source.plain)
    proof = prove(source.plain, graph, weights)
    check_promises(proof.norms or norms_of_open_sizes(source.plain, graph, weights))
    reason = ""
    try:
        exporter = Exporter(source, ExportOptions(with_radius=True), proof)
    except RefusedError as error:
        reason = error.message
        exporter = Exporter(source, ExportOptions(), proof)
    served = exporter.exact.served
    metadata = exporter.described(FORMATS["keras"])
    return Service(
        metadata,
        lambda inputs: run_keras(served.model, inputs, served.outputs),
        f"the run {path.name}",
        reason,
    )
