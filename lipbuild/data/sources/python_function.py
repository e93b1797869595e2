from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.python_function import PythonFunction
from lipbuild.data.mapped_features import MappedFeatures
from lipbuild.data.parts import GIVEN_PARTS
from lipbuild.data.permission import require_permission
from lipbuild.data.raw import RawData
from lipbuild.errors import RefusedError, UnusableError


def load_python(spec: PythonFunction, folder: Path, seed: int) -> RawData:
    """What a function of the user's own returns.

    Raises:
        UnusableError: It may not be called, or is not there.
        RefusedError: It fails, or returns something else than arrays.
    """
    require_permission(spec.function)
    try:
        with _importable(folder / spec.folder):
            returned = _function(spec.function, folder / spec.folder)(**spec.arguments)
    except UnusableError:
        raise
    except Exception as error:
        raise RefusedError(
            f"`{spec.function}` raised {type(error).__name__}: {error}", "`--debug` shows where"
        ) from error
    if not isinstance(returned, Mapping):
        returned = {"train": returned}
    strange = sorted(set(map(str, returned)) - set(GIVEN_PARTS))
    if strange or "train" not in returned:
        raise RefusedError(
            f"`{spec.function}` returned the parts {', '.join(map(str, returned)) or 'none'}, and they are called "
            "`train`, `validation` and `test`"
        )
    parts = {name: _part(spec.function, returned[name]) for name in GIVEN_PARTS if name in returned}
    train = parts["train"]
    counts = {name: len(part[0]) for name, part in parts.items()}
    weights = None
    if train[2] is not None:
        # Only the training's samples are weighted.
        weights = np.concatenate([train[2], np.ones(sum(counts.values()) - counts["train"])])
    labels = [part[1] for part in parts.values()]
    if len({own.shape[1:] for own in labels}) > 1:
        raise RefusedError(f"`{spec.function}`: the labels of the parts have different shapes")
    return RawData(
        MappedFeatures([part[0] for part in parts.values()]),
        np.concatenate(labels),
        test=counts.get("test"),
        validation=counts.get("validation"),
        weights=weights,
    )


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Let modules be found in a folder, for as long as one of them is imported and used."""
    place = str(folder.resolve())
    sys.path.insert(0, place)
    try:
        yield
    finally:
        sys.path.remove(place)


def _function(name: str, folder: Path) -> Any:
    module_name, colon, attribute = name.partition(":")
    if not colon or not module_name or not attribute:
        raise UnusableError(f"`{name}` is no `module:function`")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name == error.name or module_name.startswith(f"{error.name}.")):
            raise UnusableError(
                f"there is no module `{module_name}` in {folder}, nor on Python's path",
                "`data.source.python.folder` names its folder",
            ) from None
        raise
    found = getattr(module, attribute, None)
    if not callable(found):
        raise UnusableError(f"the module `{module_name}` has no function `{attribute}`")
    return found


_Part = tuple[NDArray[np.generic], NDArray[np.generic], NDArray[np.generic] | None]


def _part(function: str, value: Any) -> _Part:
    if not isinstance(value, (tuple, list)) or len(value) not in (2, 3):
        raise RefusedError(
            f"`{function}` returned {type(value).__name__}, and a part is (inputs, labels) or (inputs, labels, weights)"
        )
    # A mapped array stays one: `asarray` would not read it, but a copy would.
    x, y, *weights = (own if isinstance(own, np.ndarray) else np.asarray(own) for own in value)
    if x.ndim < 2 or x.dtype.kind not in "iufb" or y.ndim < 1:
        raise RefusedError(
            f"`{function}` returned inputs of shape {x.shape} ({x.dtype}): numbers, samples first, are needed"
        )
    if len(x) != len(y):
        raise RefusedError(f"`{function}` returned {len(x)} samples and {len(y)} labels")
    return x, y, weights[0] if weights else None
