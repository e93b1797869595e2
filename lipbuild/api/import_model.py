from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.errors import RefusedError, UnusableError

if TYPE_CHECKING:
    from lipbuild.api.given import ModelLike
    from lipbuild.importing.imported import Imported
    from lipbuild.saved.saved import Saved


def import_model(
    model: ModelLike,
    output: str | Path | None = None,
    *,
    keep_weights: bool = False,
    normalize: bool = False,
    overwrite: bool = False,
) -> Imported:
    """Make a config from a saved Keras or deel-lip model.

    A sequential or functional model with one input becomes a stack of layers under its own names. What the design
    rules refuse is replaced by the equivalent that they name, and each change is listed. Nothing in the model's
    file is run, and neither Keras nor TensorFlow is loaded unless the weights are kept.

    Args:
        model: A `.keras` archive, an HDF5 file of Keras 2 or 3, or a Keras model.
        output: The config; with `keep_weights` the folder. Beside nothing, under the model's name, where left out.
        keep_weights: Whether the weights are carried over: a folder like that of a run is written, with the
            config, `model.keras` and its plain form `plain.keras`. Kernels of plain Keras are made orthogonal;
            layers of deel-lip keep the kernels that they apply, so predictions stay.
        normalize: Whether kernels of plain Keras are only divided by their norms instead: a network of ReLUs in a
            row then predicts the same classes. The first step of a training makes them orthogonal.
        overwrite: Whether what is there may be replaced.

    Returns:
        What was written. Where `checked.ok` is false, something is left for a person to decide, and no weights
        can be kept.

    Raises:
        lipbuild.errors.RefusedError: It is another kind of model, or its weights do not fit.
        lipbuild.errors.UnusableError: It cannot be read, or there is something in the way.
    """
    from lipbuild.api.given import model_path

    with model_path(model) as path:
        return _import(path, output, keep_weights=keep_weights, normalize=normalize, overwrite=overwrite)


def _import(
    path: Path, output: str | Path | None, *, keep_weights: bool, normalize: bool, overwrite: bool
) -> Imported:
    from lipbuild.importing.coefficients import coefficients_of
    from lipbuild.importing.convert import convert
    from lipbuild.importing.head import take_head
    from lipbuild.importing.imported import Imported
    from lipbuild.importing.options import check_not_quantized
    from lipbuild.importing.saved_graph import saved_graph
    from lipbuild.rules.check import Accepted
    from lipbuild.saved.read_saved import read_saved
    from lipbuild.training.files import write_text

    if normalize and not keep_weights:
        raise UnusableError("`normalize` says how weights are kept", "give `--keep-weights` too")
    saved = read_saved(path)
    whole = saved_graph(saved.config)
    head = take_head(whole, saved.weights)
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", path.stem).strip("._-") or "model"
    target = Path(output) if output is not None else Path(name if keep_weights else f"{name}.yaml")
    if target.is_dir() and not keep_weights:
        raise UnusableError(
            f"{target}: this is a folder", f"name a file in it, like {target / f'{name}.yaml'}"
        )
    if target.exists() and not overwrite:
        raise UnusableError(f"{target}: it exists already", "name another place, or use `--force`")
    if not keep_weights:
        converted = convert(head, whole.input_shape, path.name, name)
        write_text(target, converted.text)
        return Imported(target, converted.text, converted.checked, converted.changes)
    _check_finite(saved)
    check_not_quantized(whole)
    with _fitting(path):
        coefficients, kept = coefficients_of(head.graph, saved.weights)
    converted = convert(
        head, whole.input_shape, path.name, name, coefficients=coefficients, keeps_weights=True
    )
    changes = (*kept, *converted.changes)
    if not isinstance(converted.checked, Accepted):
        write_text(target / "config.yaml", converted.text)
        return Imported(target, converted.text, converted.checked, changes)
    from lipbuild.building.keras_settings import keras_settings
    from lipbuild.importing.run import write_run

    with _fitting(path), keras_settings():
        weights = write_run(
            *(converted, converted.checked, head.graph, saved.weights, changes, path.name, target),
            orthogonal=not normalize,
        )
    return Imported(target, converted.text, converted.checked, changes, weights)


@contextmanager
def _fitting(path: Path) -> Iterator[None]:
    try:
        yield
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise RefusedError(f"{path}: its weights do not fit its layers: {error!r:.300}") from None


def _check_finite(saved: Saved) -> None:
    import numpy as np

    for name, weights in saved.weights.items():
        for array in weights.values():
            if array.dtype.kind not in "fiub" or not np.isfinite(array).all():
                raise RefusedError(
                    f"the weights of `{name}` are not all finite numbers, so they cannot be kept"
                )
