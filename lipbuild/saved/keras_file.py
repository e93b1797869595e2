from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.errors import RefusedError
from lipbuild.saved.keras_zip import read_keras_zip
from lipbuild.saved.saved import Saved
from lipbuild.saved.stored_weights import array_of, placed, weights_file

_CLASSES = frozenset({"Functional", "Model", "Sequential"})
# Classes of one's own that call their layers as Keras's do.
_OTHERS = frozenset(
    {f"{package}>{kind}" for package in ("deel-lip", "lipbuild") for kind in ("Model", "Sequential")}
)


def read_keras_file(path: Path) -> Saved:
    """A `.keras` file without Keras, whatever its layers are.

    Unlike `read_archive` it looks into nested models, takes weights under any key, and leaves out what it does
    not understand: what is left out is not certified either.

    Raises:
        UnusableError: The file cannot be read.
        RefusedError: It holds no functional or sequential model.
    """
    parts = read_keras_zip(path)
    if "layers" not in parts.config["config"]:
        raise RefusedError(
            f"{path.name} holds a model of class `{parts.config.get('class_name')}`, written as Python code; "
            "functional and sequential models can be read",
            "build it from layers with `keras.Sequential` or `keras.Model(inputs, outputs)`",
        )
    with weights_file(parts.weights) as file:
        return Saved(parts.config, dict(_weights(file, parts.config["config"], "")))


def is_model(part: Mapping[str, Any]) -> bool:
    """Whether something saved is a functional or sequential model that calls its layers as Keras does.

    A class of one's own may bear any name, and call its layers in any way.
    """
    registered, module = part.get("registered_name"), str(part.get("module"))
    keras = part["class_name"] in _CLASSES and (module == "keras" or module.startswith("keras.src.models"))
    known = (keras and registered in {None, part["class_name"]}) or registered in _OTHERS
    return known and isinstance(part.get("config", {}).get("layers"), list)


def _weights(
    group: Any, model: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    for layer, own in placed(model, group):
        name = str(layer["config"]["name"])
        if own is None:
            continue
        # A pipeline of preprocessing keeps its layers as a model does.
        if is_model(layer) or (layer["class_name"] == "Pipeline" and "layers" in layer["config"]):
            yield from _weights(own, layer["config"], f"{prefix}{name}/")
            continue
        # A layer around another one keeps that in `layer`.
        for path, stored in ((f"{prefix}{name}", own), (f"{prefix}{name}/layer", own.get("layer", {}))):
            if stored.get("vars") is not None:
                yield path, {str(key): array_of(value) for key, value in stored["vars"].items()}
