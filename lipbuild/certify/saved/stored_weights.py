"""The weights of a `.keras` file, found as Keras finds them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from lipbuild.certify.saved.layer_order import layer_order
from lipbuild.errors import RefusedError

# Groups within groups; a group may hold itself.
_DEEPEST = 32


@contextmanager
def weights_file(content: bytes) -> Iterator[Any]:
    """The content of `model.weights.h5`, opened.

    Raises:
        RefusedError: Something in it is a link, lies in another file, or is not there in full.
        OSError: It is no HDF5 file.
    """
    import h5py

    with h5py.File(io.BytesIO(content), "r") as file:
        if _checked_size(file, h5py) > len(content):
            raise RefusedError("the weights are more numbers than their file has room for")
        yield file


def _checked_size(group: Any, h5py: Any, depth: int = 0) -> int:
    """The bytes of all arrays; links are refused, which may point to another file or twice to one weight."""
    if depth > _DEEPEST:
        raise RefusedError(f"groups of weights are nested more than {_DEEPEST} deep")
    size = 0
    for key in group:
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            raise RefusedError(f"`{key}` among the weights is a link")
        part = group[key]
        if isinstance(part, h5py.Group):
            size += _checked_size(part, h5py, depth + 1)
        elif not isinstance(part, h5py.Dataset) or part.is_virtual or part.external:
            raise RefusedError(f"`{key}` among the weights is no array, or lies in another file")
        else:
            size += part.nbytes
    return size


def array_of(stored: Any) -> np.ndarray:
    """A stored weight; of a type that is no number's where it is marked to be read in another type than its own."""
    array = np.asarray(stored)
    return array.view(f"V{array.dtype.itemsize}") if "dtype" in stored.attrs else array


def count_of(group: Any) -> int:
    """How many weights are stored in a group and the groups within it."""
    return sum(count_of(part) if hasattr(part, "keys") else 1 for part in group.values())


def placed(model: Mapping[str, Any], group: Any) -> list[tuple[dict[str, Any], Any]]:
    """Each layer of a model, functions left out, with the group that Keras stores it in, or None.

    Keras finds a layer by its place among those of its class, not by its name.

    Args:
        model: The `config` of a functional or sequential model.
        group: The group of the file that the model is stored in.

    Raises:
        RefusedError: The layers stand in another order than Keras counts them in.
    """
    try:
        layers = [layer for layer in model["layers"] if not str(layer["module"]).startswith("keras.src.ops")]
        counts: dict[str, int] = {}
        found = []
        for layer in layers:
            stem = snake_case(str(layer["class_name"]))
            number = counts[stem] = counts.get(stem, -1) + 1
            found.append((layer, group.get(f"layers/{stem}" + (f"_{number}" if number else ""))))
        if "output_layers" in model:
            _check_order(model, found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedError(f"the model's configuration cannot be read: {error!r}") from error
    return found


def _check_order(model: Mapping[str, Any], found: list[tuple[dict[str, Any], Any]]) -> None:
    """A layer without weights may stand anywhere, unless one of its class has some."""
    stems = {
        snake_case(str(layer["class_name"])) for layer, own in found if own is not None and count_of(own)
    }
    counted = [str(layer["name"]) for layer, _ in found if snake_case(str(layer["class_name"])) in stems]
    if counted != [name for name in layer_order(model) if name in counted]:
        raise RefusedError(
            f"the layers {counted} stand in another order than Keras finds their weights in, or lead nowhere"
        )


def snake_case(name: str) -> str:
    """The name that Keras derives from a class."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
