"""The model and the data that a certificate is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.stated_columns import Move
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.config.config import Config
from lipbuild.config.sources.python_function import PythonFunction
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.reading.arrays import open_archive
from lipbuild.reading.file import check_file
from lipbuild.training.run_folder import is_folder

_OTHER_KINDS = {
    ".onnx": "an ONNX file",
    ".tflite": "a LiteRT file",
    ".pb": "a graph of TensorFlow's operations",
    ".npz": "a NumPy archive",
    ".h5": "an old HDF5 file",
    ".hdf5": "an old HDF5 file",
}


@dataclass(frozen=True)
class Subject:
    """What is to be certified.

    Attributes:
        model: The model that was named, or that of the folder.
        plain: The plain file that the certificate is of; the model itself where that is plain.
        certificate: Where the certificate goes.
        write_plain: Makes the plain file; None where there is one.
        inputs: The samples whose radii are stated, if any.
        labels: Their labels, if any.
        part: The name of the part that they are, and its digest; None where no data contract says it.
        columns: The changes of columns of a run's table whose effect is stated.
        tolerances: By how much these may be off, as the run's config says.
        config: The run's config; None of a file.
    """

    model: Path
    plain: Path
    certificate: Path
    write_plain: Callable[[Path], None] | None
    inputs: NDArray[np.float32] | None
    labels: NDArray[np.generic] | None
    part: tuple[str, str] | None = None
    columns: tuple[Move, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()
    config: Config | None = None


def certificate_of(target: Path) -> Path:
    """Where the certificate of a run folder, or of a model file, is written."""
    from lipbuild.training.run_folder import RunFolder

    return RunFolder(target).certificate if is_folder(target) else target.with_suffix(".certificate.json")


def subject_of(target: Path, data: Path | None, output: Path | None, *, known_only: bool = False) -> Subject:
    """What a command names.

    Args:
        target: A run folder, or a `.keras` file.
        data: An archive of samples, for a file, or in place of the run's own data.
        output: Where the certificate goes, if that was said.
        known_only: Whether samples that a training did not know are left out.

    Raises:
        UnusableError: A file is missing or of another kind.
        RefusedError: The config silences a soundness rule, or the data does not fit.
    """
    from lipbuild.api.load import load
    from lipbuild.saved.plain_file import is_plain, plain_file_of, write_plain
    from lipbuild.training.run_folder import open_run_folder

    if is_folder(target):
        inputs, labels, part = run_data(target, data, known_only=known_only)
        run = open_run_folder(target)

        def write(path: Path) -> None:
            from lipbuild.evaluation.trained import load_trained

            load_trained(run).plain.save(path)

        missing = None if run.plain.is_file() else write
        certificate, config = output or certificate_of(target), load(run.resolved).config
        columns, tolerances = run_columns(config)
        return Subject(
            run.model, run.plain, certificate, missing, inputs, labels, part, columns, tolerances, config
        )
    require_folder(target, known_only=known_only)
    model = certified_file(target)
    inputs, labels = archive_data(data) if data is not None else (None, None)
    certificate = output or certificate_of(model)
    if is_plain(model):
        return Subject(model, model, certificate, None, inputs, labels)
    plain = certificate.with_name(plain_file_of(model))
    return Subject(model, plain, certificate, lambda path: write_plain(model, path), inputs, labels)


def require_folder(path: Path, *, known_only: bool) -> None:
    """Refuse `--known-only` of a file: it has no data contract.

    Raises:
        UnusableError: It is asked for.
    """
    if known_only:
        raise UnusableError(f"{path}: `--known-only` is about the data of a run", "name its run folder")


def certified_file(path: Path) -> Path:
    """The file of a model that certificates can be about: a `.keras` file.

    Raises:
        UnusableError: It is another kind of file; the hint says how it is proved.
    """
    from lipbuild.reading.c_program import is_program

    kind = _OTHER_KINDS.get(path.suffix.lower())
    if (path / "saved_model.pb").is_file():
        kind = "a SavedModel"
    if is_program(path):
        kind = "C"
    if kind == "an old HDF5 file":
        raise UnusableError(
            f"{path}: it is {kind}, and certificates are about `.keras` files",
            "load it in Keras, and save it by `model.save('model.keras')`",
        )
    if kind is not None:
        raise UnusableError(
            f"{path}: it is {kind}, and certificates are about the layers and the weights of a `.keras` file",
            "take the run folder, or what `lipbuild export RUN --to keras` writes; the other formats are read back "
            "and their weights are proved when `lipbuild export` writes them",
        )
    if not path.exists():
        raise UnusableError(f"{path}: there is no such run folder or model")
    check_file(path)
    return path


def run_data(
    path: Path, data: Path | None = None, *, known_only: bool = False
) -> tuple[NDArray[np.float32] | None, NDArray[np.generic] | None, tuple[str, str] | None]:
    """The test data of a run and the digest of that part; none for a regression, and for weights without a data set.

    Args:
        path: Its folder.
        data: An archive of samples that are taken in place of them.
        known_only: Whether samples that the training did not know are left out.
    """
    from lipbuild.api.load import load
    from lipbuild.data.permission import code_is_allowed
    from lipbuild.training.run_data import load_run_data
    from lipbuild.training.run_folder import open_run_folder

    folder = open_run_folder(path)
    checked = load(folder.resolved)
    if checked.voided_by:
        rules = ", ".join(f"`{rule}`" for rule in checked.voided_by)
        raise RefusedError(
            f"{path}: its config silences {rules}, so nothing about it is certified",
            "fix what the rule found, and train again",
        )
    if checked.config.train is None and (checked.config.data is None or not checked.config.data.has_source):
        return None, None, None
    if checked.config.needed("train").loss.task == "regression":
        return None, None, None
    if data is not None:
        return *archive_data(data), None
    sources = checked.config.needed("data").sources.values()
    if any(isinstance(source, PythonFunction) for source in sources) and not code_is_allowed():
        raise UnusableError(
            f"{path}: its data was made by Python code, which is not called to read a run",
            "give its test samples by `--data FILE.npz`, an archive with `x` and `y`; or read the code, and give "
            "`--allow-code` if you trust it",
        )
    dataset = load_run_data(folder, checked.config, checked.graph, known_only=known_only)
    digest = dataset.digests.get("test")
    return dataset.test.x, dataset.test.targets, ("test", digest) if digest is not None else None


def run_columns(config: Config) -> tuple[tuple[Move, ...], tuple[Tolerance, ...]]:
    """The changes of the columns of a run's table whose effect is stated, and their tolerances; none of other data.

    Args:
        config: The run's config.

    Raises:
        RefusedError: A tolerance is of no column.
    """
    from lipbuild.evaluation.column_moves import column_moves
    from lipbuild.evaluation.column_tolerances import column_tolerances

    if config.data is None or not config.data.has_source:
        return (), ()
    columns = config.data.source.input_columns()
    # The columns of a table that is read as images are not inputs of a vector.
    if columns is None or config.data.source.input_shape(config.folder) != (len(columns),):
        return (), column_tolerances(config, None)
    return tuple(column_moves(columns)), column_tolerances(config, columns)


def archive_data(path: Path) -> tuple[NDArray[np.float32], NDArray[np.generic] | None]:
    """The arrays `x` and, where there is one, `y` of an archive."""
    with open_archive(path) as archive:
        if "x" not in archive:
            raise RefusedError(f"{path}: the archive has no array `x`")
        found = archive.array("x")
        if found.dtype.kind not in "iufb":
            raise RefusedError(f"{path}: `x` is {found.dtype}, and numbers are needed")
        if found.ndim == 0:
            raise RefusedError(f"{path}: `x` is a single number, and samples are needed")
        with np.errstate(over="ignore"):
            x = found.astype(np.float32)
        return x, archive.array("y") if "y" in archive else None
