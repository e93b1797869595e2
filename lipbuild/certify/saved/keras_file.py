from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.certify.archive import places
from lipbuild.certify.saved.saved import Layer, Saved
from lipbuild.errors import RefusedError, UnusableError

_CLASSES = frozenset({"Functional", "Model", "Sequential"})
# Classes of other packages that call their layers as Keras's do.
_OTHERS = frozenset({"deel-lip>Model", "deel-lip>Sequential"})


def read_keras_file(path: Path) -> Saved:
    """A `.keras` file without Keras, whatever its layers are.

    Unlike `read_archive` it looks into nested models, takes weights under any key, and leaves out what it does
    not understand: what is left out is not certified either.

    Raises:
        UnusableError: The file cannot be read.
        RefusedError: It holds no functional or sequential model.
    """
    import h5py

    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
            content = archive.read("model.weights.h5")
        if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
            raise RefusedError(f"{path.name} holds no model configuration")
        layers = config["config"].get("layers")
        if not isinstance(layers, list):
            raise RefusedError(
                f"{path.name} holds a model of class `{config.get('class_name')}`, written as Python code; "
                "functional and sequential models can be read",
                "build it from layers with `keras.Sequential` or `keras.Model(inputs, outputs)`",
            )
        with h5py.File(io.BytesIO(content), "r") as file:
            return Saved(config, dict(_weights(file, layers, "")))
    except (OSError, KeyError, TypeError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile) as error:
        raise UnusableError(f"{path.name} is not a whole `.keras` file: {error}") from None


def is_model(part: Mapping[str, Any]) -> bool:
    """Whether something saved is a functional or sequential model that calls its layers as Keras does.

    A class of one's own may bear any name, and call its layers in any way.
    """
    registered, module = part.get("registered_name"), str(part.get("module"))
    keras = part["class_name"] in _CLASSES and (module == "keras" or module.startswith("keras.src.models"))
    known = (keras and registered in {None, part["class_name"]}) or registered in _OTHERS
    return known and isinstance(part.get("config", {}).get("layers"), list)


def _weights(group: Any, layers: list[Layer], prefix: str) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    for layer, place in places(layers):
        name, own = str(layer["config"]["name"]), group.get(place)
        if own is None:
            continue
        if is_model(layer):
            yield from _weights(own, layer["config"]["layers"], f"{prefix}{name}/")
        elif own.get("vars") is not None:
            yield f"{prefix}{name}", {str(key): np.asarray(value) for key, value in own["vars"].items()}
