"""What functions of the API take, as what they work on: runs, models and data in any form that one has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

from lipbuild.errors import RefusedError, UnusableError

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf
    from numpy.typing import ArrayLike, NDArray

    from lipbuild.training.run_folder import RunFolder
    from lipbuild.training.train import Run

    # A run: its folder, or what `train` returned.
    RunLike: TypeAlias = str | Path | Run | RunFolder
    # A model in memory, a file, or a run.
    ModelLike: TypeAlias = str | Path | Run | RunFolder | keras.Model
    # Inputs and labels: a file, arrays, or batches of both.
    DataLike: TypeAlias = str | Path | tuple[ArrayLike, ArrayLike] | tf.data.Dataset


def run_path(run: RunLike) -> Path:
    """The folder of a run.

    Raises:
        UnusableError: It is something else.
    """
    from lipbuild.training.run_folder import RunFolder

    folder = getattr(run, "folder", run)
    if isinstance(folder, RunFolder):
        return folder.path
    if isinstance(run, (str, Path)):
        return Path(run)
    raise UnusableError(
        f"a run is needed, and this is a `{type(run).__name__}`",
        "give its folder, or what `lipbuild.train` returned",
    )


def is_model(model: object) -> bool:
    """Whether something is a Keras model in memory."""
    import sys

    keras = sys.modules.get("keras")
    return keras is not None and isinstance(model, keras.Model)


@contextmanager
def model_path(model: ModelLike) -> Iterator[Path]:
    """The file of a model, or the folder of a run; of a model in memory a file that is there for a while.

    Raises:
        UnusableError: It is something else, or a model that has not been built.
    """
    if not is_model(model):
        yield run_path(model)
        return
    with TemporaryDirectory(prefix="lipbuild-") as folder:
        path = Path(folder) / f"{model.name}.keras"  # type: ignore[union-attr]
        save_model(model, path)
        yield path


def save_model(model: Any, path: Path) -> None:
    """Write a model in memory to a file.

    Raises:
        UnusableError: It has not been built, or cannot be saved.
    """
    if not model.built:
        raise UnusableError(
            "the model has no weights yet", "build it: give it an `Input`, or call it on a batch"
        )
    try:
        model.save(path)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise UnusableError(f"the model cannot be saved: {error}") from None


def stored_model(model: Any, certificate: Path | None) -> tuple[Path, Path]:
    """Write a model in memory beside its certificate.

    Args:
        model: The model.
        certificate: Where the certificate goes; in the working directory under the model's name where left out.

    Returns:
        The file, and where the certificate goes.

    Raises:
        UnusableError: There is something already, and no place was named.
    """
    chosen = certificate or Path(f"{model.name}.certificate.json")
    path = chosen.with_name(f"{model.name}.keras")
    if certificate is None and path.exists():
        raise UnusableError(
            f"{path}: there is something already", "name a place for the certificate: `output`"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    save_model(model, path)
    return path, chosen


def is_path(data: object) -> bool:
    """Whether data is given by a file or a folder."""
    return isinstance(data, (str, Path))


def arrays_of(data: Any) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    """Inputs and labels, samples first.

    Args:
        data: `(x, y)`, or a `tf.data.Dataset` of such pairs, in batches or one by one, with an end.

    Raises:
        UnusableError: It is neither.
        RefusedError: There are not as many labels as inputs, or no samples.
    """
    import numpy as np

    if hasattr(data, "as_numpy_iterator"):
        x, y = _from_dataset(data)
    elif isinstance(data, (tuple, list)) and len(data) == 2:
        x, y = (np.asarray(part) for part in data)
    else:
        raise UnusableError(
            f"data is needed, and this is a `{type(data).__name__}`",
            "give a file, arrays as `(x, y)`, or a `tf.data.Dataset` of pairs",
        )
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        raise RefusedError(
            f"the inputs have the shape {x.shape} and the labels {y.shape}: each sample needs a label",
            "samples come first in both",
        )
    if x.dtype.kind not in "iufb" or y.dtype.kind not in "iufbUS":
        raise RefusedError(f"the inputs are {x.dtype} and the labels {y.dtype}, and numbers are needed")
    if not len(x):
        raise RefusedError("there are no samples")
    return x, y


def _from_dataset(data: Any) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    import numpy as np

    spec = data.element_spec
    if not isinstance(spec, tuple) or len(spec) != 2 or not all(hasattr(part, "shape") for part in spec):
        raise UnusableError(
            "the elements of the data set are no pairs of inputs and labels", "map it to `(x, y)`"
        )
    if int(data.cardinality()) == -1:
        raise UnusableError(
            "the data set has no end", "leave `repeat` out, or take a part: `data.take(1000)`"
        )
    parts = list(data.as_numpy_iterator())
    if not parts:
        raise RefusedError("there are no samples")
    # A label that has no axis is that of one sample.
    join = np.stack if spec[1].shape.rank == 0 else np.concatenate
    return join([x for x, _ in parts]), join([y for _, y in parts])


def write_arrays(x: NDArray[np.generic], y: NDArray[np.generic], path: Path) -> None:
    """Write inputs and labels as an archive that the source `npz` reads."""
    import numpy as np

    from lipbuild.training.files import write_whole

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez(file, x=x, y=y)

    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, write)


@contextmanager
def data_path(data: DataLike | None) -> Iterator[Path | None]:
    """The file of data; of arrays an archive that is there for a while.

    Raises:
        UnusableError: It is something else.
        RefusedError: The arrays do not fit each other.
    """
    if data is None or is_path(data):
        yield None if data is None else Path(data)  # type: ignore[arg-type]
        return
    with TemporaryDirectory(prefix="lipbuild-") as folder:
        path = Path(folder) / "arrays.npz"
        write_arrays(*arrays_of(data), path)
        yield path


def stored_data(data: DataLike, folder: Path) -> Path:
    """The file of data that is to stay; arrays are written into a folder, under a name that follows from them.

    Args:
        data: A `.npz` archive, arrays, or a data set.
        folder: Where arrays are written.

    Raises:
        UnusableError: It is something else.
        RefusedError: The arrays do not fit each other.
    """
    import hashlib

    if is_path(data):
        return Path(data).absolute()  # type: ignore[arg-type]
    x, y = arrays_of(data)
    digest = hashlib.sha256(f"{x.dtype}{x.shape}{y.dtype}{y.shape}".encode())
    for part in (x, y):
        digest.update(part.tobytes())
    path = (folder / f"data-{digest.hexdigest()[:16]}.npz").absolute()
    if not path.is_file():
        write_arrays(x, y, path)
    return path
