from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.building.keras_settings import keras_settings
from lipbuild.errors import RefusedError, UnusableError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lipbuild.api.given import RunLike
    from lipbuild.certifying.certified_network import CertifiedNetwork
    from lipbuild.config.choices import Task
    from lipbuild.data.inputs.inputs import Inputs
    from lipbuild.evaluation.predictions import Predictions, Row
    from lipbuild.evaluation.run_logits import RunLogits
    from lipbuild.evaluation.trained import Trained
    from lipbuild.training.run_data import RunNames

# The largest float64: JSON has no number for a radius that is infinite.
_LARGEST = float.fromhex("0x1.fffffffffffffp+1023")
_LARGEST_FLOAT32 = float.fromhex("0x1.fffffep+127")


def predict(
    run: RunLike,
    inputs: ArrayLike | Sequence[str | Path] | str | Path,
    overrides: Sequence[str] = (),
    *,
    radius: float | None = None,
    array: str | None = None,
    pixel_scale: float = 1.0,
) -> Predictions:
    """Predict behind a guard: no label contradicts the function in exact arithmetic.

    Float32 is served; where the proved bound of its error cannot decide, float64 is asked, and where that
    cannot either the guard abstains. A row's radius is a certified L2 distance within which its class cannot
    change, in the units of the data.

    Args:
        run: The run folder, what `train` returned, or an export, which is checked before and runs in its own runtime.
        inputs: (samples, *shape), or files: a `.npz`, `.npy` or `.csv`, images, folders of images.
        overrides: `path=value` options laid over the run's config, such as where the data is now.
        radius: For a regression: how far the input may move, for the interval that the output stays in; the
            first of the config of a run where left out.
        array: The array of a `.npz` file; `x`, `x_test` or the only one where left out.
        pixel_scale: What a pixel of 255 of an image becomes.

    Raises:
        lipbuild.errors.RefusedError: The inputs do not fit the network, or the rounding of one of its
            operations is not known.
        lipbuild.errors.UnusableError: It is not a run folder, or a file is missing or cannot be read.
    """
    from lipbuild.api.given import run_path
    from lipbuild.runtimes.runtime_of import is_exported, needs_tensorflow

    path = run_path(run)
    if not is_exported(path):
        with keras_settings():
            return _of_run(path, inputs, overrides, radius, array, pixel_scale)
    from lipbuild.api.predict_export import predict_export

    if overrides:
        raise UnusableError("an export has no config that options could be laid over", "leave `--set` out")
    # What runs an ONNX file is much smaller than Keras.
    with keras_settings() if needs_tensorflow(path) else nullcontext():
        return predict_export(path, inputs, radius=radius, array=array, largest=pixel_scale)


def _of_run(
    path: Path,
    inputs: ArrayLike | Sequence[str | Path] | str | Path,
    overrides: Sequence[str],
    radius: float | None,
    array: str | None,
    pixel_scale: float,
) -> Predictions:
    import numpy as np

    from lipbuild.data.inputs.inputs import Inputs
    from lipbuild.data.inputs.read import read_inputs
    from lipbuild.evaluation.column_tolerances import column_tolerances
    from lipbuild.evaluation.predictions_in_tolerance import with_tolerance
    from lipbuild.evaluation.run_logits import RunLogits
    from lipbuild.evaluation.trained import load_trained
    from lipbuild.training.run_data import names_of
    from lipbuild.training.run_folder import open_run_folder

    trained = load_trained(open_run_folder(path), overrides)
    names = names_of(trained.folder, trained.config, trained.graph)
    shape = trained.graph.input_shape
    paths = [Path(inputs)] if isinstance(inputs, (str, Path)) else _paths(inputs)
    if paths:
        given = read_inputs(paths, shape, trained.config, array=array, largest=pixel_scale)
    else:
        values = np.asarray(inputs)
        given = Inputs(
            tuple(str(row) for row in range(values.shape[0] if values.ndim else 0)), values
        ).shaped(shape)
    _check_values(given, names, pixel_scale)
    network = RunLogits.of(trained)
    certified = network.certified
    if certified is None:
        raise RefusedError(f"no prediction can be guarded: {network.unknown}")
    task = trained.config.needed("train").loss.task
    if task == "regression":
        predictions = _values(trained, names, certified, network, given, radius)
    else:
        predictions = _labels(trained, names, task, certified, network, given)
    tolerances = column_tolerances(trained.config, trained.config.needed("data").source.input_columns())
    if not tolerances or network.voided:
        return predictions
    return with_tolerance(predictions, certified, tolerances, given.values)


def _paths(inputs: object) -> list[Path]:
    """The paths, where inputs are given by them."""
    many = list(inputs) if isinstance(inputs, (list, tuple)) else []
    return [Path(path) for path in many] if all(isinstance(path, (str, Path)) for path in many) else []


def _check_values(given: Inputs, names: RunNames, largest: float) -> None:
    """Hold inputs against the range and the channels of the training's, where the data contract knows them.

    Raises:
        RefusedError: Pixels are to be scaled otherwise.
    """
    import numpy as np

    from lipbuild.training.warn import warn

    with np.errstate(invalid="ignore"):
        beyond = np.abs(np.asarray(given.values, np.float64)) > _LARGEST_FLOAT32
    if beyond.any():
        place = int(np.argmax(beyond.reshape(len(beyond), -1).any(axis=1)))
        raise RefusedError(
            f"{given.names[place]}: the input holds a value beyond 3.4e38, and float32 has no such number"
        )
    if names.contract is None or not names.contract.is_in_unit_range or given.values.size == 0:
        return
    if largest != 1.0 and names.contract.images is not None:
        raise RefusedError(
            f"the network was trained on pixels in [0, 1], and `--pixel-scale {largest:g}` makes others of them",
            "leave it out",
        )
    if names.contract.images is not None and given.values.shape[-1] == 3:
        grey = int((given.values == given.values[..., :1]).reshape(len(given.values), -1).all(axis=1).sum())
        if grey:
            what = "1 image is" if grey == 1 else f"{grey:,} images are"
            warn(f"{what} grey, and the network takes three channels: each value is written three times")
    least, greatest = float(given.values.min()), float(given.values.max())
    # What is a little outside may be meant to be.
    if least < -1.0 or greatest > 2.0:
        warn(f"the inputs are between {least:g} and {greatest:g}, and those of the training lie in [0, 1]")


def _labels(
    trained: Trained,
    known: RunNames,
    task: Task,
    certified: CertifiedNetwork,
    network: RunLogits,
    given: Inputs,
) -> Predictions:
    from lipbuild.evaluation.predictions import Predictions
    from lipbuild.guard.guard import Guard

    names = known.classes
    answers = Guard(network.plain, certified)(given.values, full_radii=True)
    rows: list[Row] = []
    for i, name in enumerate(given.names):
        number = int(answers.labels[i])
        abstained = number < 0
        rows.append(
            {
                "input": name,
                "class": None if abstained else names[number] if number < len(names) else str(number),
                "number": None if abstained else number,
                "margin": float(answers.margins[i]),
                "radius": None if network.voided else min(float(answers.radii[i]), _LARGEST),
                "abstained": abstained,
                "recomputed": bool(answers.recomputed[i]),
            }
        )
    return Predictions(task, tuple(rows), network.lipschitz, known.unit, voided_by=trained.voided_by)


def _values(
    trained: Trained,
    known: RunNames,
    certified: CertifiedNetwork,
    network: RunLogits,
    given: Inputs,
    radius: float | None,
) -> Predictions:
    import numpy as np

    from lipbuild.certifying.radii import regression_intervals
    from lipbuild.evaluation.predictions import Predictions

    reach = trained.config.certify.radii[0] if radius is None else radius
    values = given.values.astype(np.float64)
    if not np.isfinite(values).all():
        raise RefusedError("an input holds a value that is NaN or infinite")
    outputs = certified.logits(values)
    several = outputs.values.shape[1] > 1
    rows: list[Row] = [{"input": name} for name in given.names]
    for j in range(outputs.values.shape[1]):
        low, high = regression_intervals(
            outputs.values[:, j], network.lipschitz, reach, error=outputs.error64
        )
        suffix = f"_{j}" if several else ""
        for i, row in enumerate(rows):
            row[f"value{suffix}"] = float(outputs.values[i, j])
            row[f"low{suffix}"] = None if network.voided else float(low[i])
            row[f"high{suffix}"] = None if network.voided else float(high[i])
    return Predictions("regression", tuple(rows), network.lipschitz, known.unit, reach, trained.voided_by)
