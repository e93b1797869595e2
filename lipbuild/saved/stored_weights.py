"""The weights of a `.keras` file, found as Keras finds them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from lipbuild.errors import RefusedError
from lipbuild.saved.hdf5 import opened
from lipbuild.saved.layer_order import layer_order


@contextmanager
def weights_file(content: bytes) -> Iterator[Any]:
    """The content of `model.weights.h5`, opened and looked at.

    Raises:
        RefusedError: It holds more than arrays of numbers, each stored once and in full.
        UnusableError: It cannot be read.
    """
    with opened(io.BytesIO(content), "model.weights.h5") as file:
        yield file


def array_of(stored: Any) -> np.ndarray:
    """A stored weight; of a type that is no number's where it is marked to be read in another type than its own."""
    if not hasattr(stored, "dtype"):
        raise RefusedError(f"{stored.name} among the weights is a group where an array is needed")
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
