"""The export of a trained network, past the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.build.plain import plain_model
from lipbuild.errors import UnusableError
from lipbuild.export import keras_format, saved_model
from lipbuild.export.gate import KernelNorm, Predict, check_norms, check_outputs, kernel_norms
from lipbuild.spec.graph import Graph
from lipbuild.training.files import write_whole

FORMATS: dict[str, ModuleType] = {"keras": keras_format, "saved_model": saved_model}


@dataclass(frozen=True)
class Exported:
    """One export that was written.

    Attributes:
        format: Its format.
        path: Where it is.
        difference: The greatest difference of any output from the trained model's, on real inputs.
        norms: The norms of its kernels.
    """

    format: str
    path: Path
    difference: float
    norms: tuple[KernelNorm, ...]


def export_model(
    model: keras.Model,
    graph: Graph,
    inputs: NDArray[np.float32],
    formats: Sequence[str],
    output: Path,
    *,
    overwrite: bool = False,
) -> list[Exported]:
    """Write a trained network as plain files, each of which is run and compared before it appears.

    Args:
        model: The trained model.
        graph: The graph that it was built from.
        inputs: Real inputs to compare on.
        formats: `keras`, `saved_model`.
        output: The file or folder for a single format whose ending fits, otherwise the folder that they go to,
            each under the model's name.
        overwrite: Whether what is there may be replaced.

    Raises:
        RefusedError: An export differs from the model, or a kernel's norm is above what was promised.
        UnusableError: Something is in the way, or the place cannot be written.
    """
    plain = plain_model(model, graph)
    norms = kernel_norms(plain, graph)
    check_norms(norms)
    paths = {name: _path(output, name, model.name, alone=len(formats) == 1) for name in formats}
    for path in paths.values():
        if path.exists() and not overwrite:
            raise UnusableError(f"{path}: there is something already", "name another place, or use `--force`")

    def trained(batch: NDArray[np.float32]) -> NDArray[np.generic]:
        return np.asarray(model.predict(batch, verbose=0, batch_size=256))

    return [
        Exported(name, path, _write(plain, name, path, trained, inputs), tuple(norms))
        for name, path in paths.items()
    ]


def _write(plain: keras.Model, name: str, path: Path, trained: Predict, inputs: NDArray[np.float32]) -> float:
    """Write one format, run what was written, and let it appear only if it does what the model does."""
    kind = FORMATS[name]
    difference = 0.0

    def write(temporary: Path) -> None:
        nonlocal difference
        kind.write(plain, temporary)
        difference = check_outputs(name, lambda batch: kind.predict(temporary, batch), trained, inputs)

    write_whole(path, write)
    return difference


def _path(output: Path, format_name: str, model_name: str, *, alone: bool) -> Path:
    suffix = FORMATS[format_name].SUFFIX
    if alone and (output.suffix == suffix or not suffix) and not (suffix == "" and output.is_dir()):
        return output
    if alone and suffix and output.suffix and not output.is_dir():
        raise UnusableError(
            f"{output}: a `{format_name}` export ends in `{suffix}`", f"name it `{output.stem}{suffix}`"
        )
    return output / (f"{model_name}{suffix}" if suffix else f"{model_name}_{format_name}")
