"""Predictions of an exported file, which is checked before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lipbuild.errors import RefusedError, UnusableError

if TYPE_CHECKING:
    from lipbuild.config.choices import Task
    from lipbuild.data.inputs.inputs import Inputs
    from lipbuild.evaluation.predictions import Predictions, Row
    from lipbuild.serving.service import Service

_LARGEST = float(np.finfo(np.float64).max)
_LARGEST_FLOAT32 = float(np.finfo(np.float32).max)


def predict_export(
    path: Path,
    inputs: Any,
    *,
    radius: float | None = None,
    array: str | None = None,
    largest: float = 1.0,
) -> Predictions:
    """Predict by an exported file in its own runtime, behind a guard where the verifier reads it.

    Args:
        path: The file or folder.
        inputs: (samples, *shape), or files as for a run.
        radius: For a regression: how far the input may move, for the interval that the output stays in; as the file
            says where left out.
        array: The array of a `.npz` file.
        largest: What a pixel of 255 of an image becomes.

    Raises:
        RefusedError: The file is not what it says of itself, or the inputs do not fit.
        UnusableError: It is not an export, a file cannot be read, or no radius is given for a regression.
    """
    from lipbuild.evaluation.predictions_in_tolerance import with_tolerance
    from lipbuild.serving.open_target import open_target

    service = open_target(path)
    given = _inputs(service, inputs, array, largest)
    values = np.asarray(given.values)
    if values.dtype.kind not in "fiub":
        raise RefusedError(f"inputs of type {values.dtype.name}, and numbers are needed")
    beyond = ~(np.abs(values.astype(np.float64)) <= _LARGEST_FLOAT32).reshape(len(values), -1).all(axis=1)
    if beyond.any():
        name = given.names[int(np.argmax(beyond))]
        raise RefusedError(f"{name}: the input holds a value that is NaN, infinite or beyond 3.4e38")
    if "logits" in service.metadata["outputs"]:
        predictions = _labels(service, given)
    else:
        predictions = _values(service, given, _radius(service, radius))
    tolerances = service.tolerances
    if not tolerances or service.certified is None:
        return predictions
    return with_tolerance(predictions, service.certified, tolerances, given.values)


def _radius(service: Service, radius: float | None) -> float | None:
    """How far an input of a regression may move: as the file says where it is not given."""
    stated = (service.metadata.get("radius") or {}).get("size")
    return stated if radius is None else radius


def _inputs(service: Service, inputs: Any, array: str | None, largest: float) -> Inputs:
    from lipbuild.data.inputs.arrays import read_array
    from lipbuild.data.inputs.images import read_images
    from lipbuild.data.inputs.inputs import Inputs
    from lipbuild.data.inputs.read import image_files

    paths = (
        [inputs] if isinstance(inputs, Path) else list(inputs) if isinstance(inputs, (list, tuple)) else []
    )
    shape = service.input_shape
    if not paths or not all(isinstance(one, Path) for one in paths):
        values = np.asarray(inputs)
        return Inputs(tuple(str(row) for row in range(len(values))), values).shaped(shape)
    for one in paths:
        if not one.exists():
            raise UnusableError(f"{one}: there is no such file")
    if len(paths) == 1 and paths[0].suffix.lower() in {".npz", ".npy"}:
        return read_array(paths[0], array).shaped(shape)
    if len(paths) == 1 and paths[0].suffix.lower() in {".csv", ".tsv"}:
        return _table(service, paths[0])
    resize = bool((service.metadata["input"].get("images") or {}).get("resized"))
    return read_images([image for one in paths for image in image_files(one)], shape, largest, resize=resize)


def _table(service: Service, path: Path) -> Inputs:
    """The rows of a table, whose columns are taken by their names where the file states them."""
    import csv
    import json

    from lipbuild.data.inputs.inputs import Inputs
    from lipbuild.reading.file import read_text
    from lipbuild.serving.request import BadRequestError, read_samples

    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    header, *lines = [*csv.reader(read_text(path, "").splitlines(), delimiter=delimiter)] or [[]]
    columns = service.columns
    rows: list[Any] = []
    for number, line in enumerate(lines):
        if len(line) != len(header):
            raise RefusedError(f"{path}: row {number} has {len(line)} cells, and the header {len(header)}")
        cells = dict(zip(header, line, strict=True))
        if columns is None:
            rows.append([_number(path, number, name, cell) for name, cell in cells.items()])
            continue
        rows.append(
            {
                name: None
                if not cells[name].strip()
                else cells[name]
                if column.categories
                else _number(path, number, name, cells[name])
                for name, column in columns.items()
                if name in cells
            }
        )
    try:
        body = json.dumps({"inputs": rows}).encode()
        values = read_samples(body, service.input_shape, max(len(rows), 1), columns)
    except BadRequestError as error:
        raise RefusedError(f"{path}: {error.reason}") from None
    return Inputs(tuple(str(row) for row in range(len(values))), values)


def _number(path: Path, row: int, name: str, cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise RefusedError(f"{path}: row {row}: {name!r} is {cell!r:.60}, which is not a number") from None


def _labels(service: Service, given: Inputs) -> Predictions:
    from lipbuild.evaluation.predictions import Predictions
    from lipbuild.guard.answers import bounded, guarded_answers
    from lipbuild.runtimes.runtime import Outputs

    certified, classes = service.certified, service.classes
    if certified is not None:
        answers = guarded_answers(
            *(certified, lambda x: bounded(certified, x, service.predict(x)["logits"]), given.values),
            full_radii=True,
        )
        labels, margins = answers.labels, answers.margins
        radii: Sequence[float | None] = answers.radii.tolist()
        recomputed = answers.recomputed
    else:
        found: Outputs = service.predict(given.values.astype(np.float32))
        if "radius" not in found:
            raise RefusedError(
                f"{service.origin} cannot be guarded, and gives no radius: {service.no_proof}",
                "predict by the run, or by an export of another format",
            )
        labels, margins = found["label"].astype(np.int64), found["margin"].astype(np.float64)
        radii, recomputed = found["radius"].astype(np.float64).tolist(), np.zeros(len(labels), np.bool_)
    rows: list[Row] = []
    for i, name in enumerate(given.names):
        number, near = int(labels[i]), radii[i]
        shown = classes[number] if 0 <= number < len(classes) else str(number)
        rows.append(
            {
                "input": name,
                "class": None if number < 0 else shown,
                "number": None if number < 0 else number,
                "margin": float(margins[i]),
                "radius": None if near is None else min(near, _LARGEST),
                "abstained": number < 0,
                "recomputed": bool(recomputed[i]),
            }
        )
    task: Task = "binary" if _is_single(service) else "multiclass"
    return Predictions(task, tuple(rows), _lipschitz(service), service.metadata["input"]["units"])


def _is_single(service: Service) -> bool:
    return service.certified is not None and len(service.certified.head.distances) == 1


def _values(service: Service, given: Inputs, radius: float | None) -> Predictions:
    from lipbuild.certifying.radii import regression_intervals
    from lipbuild.evaluation.predictions import Predictions

    certified = service.certified
    if certified is None:
        raise RefusedError(
            f"{service.origin} states nothing that an interval could rest on: {service.no_proof}"
        )
    if radius is None:
        raise UnusableError(
            "how far an input may move has to be said for the interval of a prediction", "add `--radius 0.1`"
        )
    outputs = certified.logits(given.values.astype(np.float64))
    rows: list[Row] = [{"input": name} for name in given.names]
    several = outputs.values.shape[1] > 1
    for j in range(outputs.values.shape[1]):
        low, high = regression_intervals(
            outputs.values[:, j], _lipschitz(service), radius, error=outputs.error64
        )
        suffix = f"_{j}" if several else ""
        for i, row in enumerate(rows):
            row[f"value{suffix}"] = float(outputs.values[i, j])
            row[f"low{suffix}"], row[f"high{suffix}"] = float(low[i]), float(high[i])
    units = service.metadata["input"]["units"]
    return Predictions("regression", tuple(rows), _lipschitz(service), units, radius)


def _lipschitz(service: Service) -> float:
    proved = service.metadata["lipschitz"]["proved"]
    return _LARGEST if proved is None else float(proved)
