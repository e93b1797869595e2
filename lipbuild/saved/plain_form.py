"""Models of lipbuild's own layers, as the plain ones that are certified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lipbuild.errors import LipbuildError, RefusedError
from lipbuild.saved.deel_lip import PACKAGE, all_layers, from_deel_lip, is_deel_lip
from lipbuild.saved.load_model import first_line, load_model
from lipbuild.saved.saved import Saved
from lipbuild.saved.structure import objects_in

if TYPE_CHECKING:
    import keras

_OWN = "lipbuild>"


def needs_plain_form(saved: Saved) -> bool:
    """Whether something in a model is lipbuild's, and so has no constant before it is plain."""
    return any(name.startswith(_OWN) for name in _registered_names(saved.config))


def plain_form(path: Path, saved: Saved) -> keras.Model:
    """A model by Keras's own layers alone, which keep their names; a layer may become a model of its name.

    Args:
        path: Its file.
        saved: What was read from it.

    Raises:
        RefusedError: A layer of it is not known, or it has no plain form.
        UnusableError: It cannot be loaded.
    """
    return plain_form_of(built_from_deel_lip(saved) if is_deel_lip(saved) else load_model(path))


def plain_form_of(model: keras.Model) -> keras.Model:
    """A built model by Keras's own layers alone, with copies of its weights.

    Raises:
        RefusedError: It has no plain form.
    """
    from lipbuild.model.vanilla_model import vanillaModel

    try:
        return vanillaModel(model)
    except LipbuildError:
        raise
    # A layer says in its own way that it has none.
    except Exception as error:
        raise RefusedError(f"it has no plain form: {first_line(error)}") from None


def built_from_deel_lip(saved: Saved) -> keras.Model:
    """A model of deel-lip's as Keras builds it from Keras's and lipbuild's layers.

    Raises:
        RefusedError: A layer is not known, or the weights do not fit.
    """
    import keras

    from lipbuild import layers as _registers_the_layers  # noqa: F401

    model = from_deel_lip(saved)
    for layer in all_layers(model.config):
        for name in _registered_names(layer):
            if name.startswith(PACKAGE):
                raise RefusedError(f"`{layer['config']['name']}` is a `{name}`, which is not known")
    try:
        loaded: keras.Model = keras.saving.deserialize_keras_object(dict(model.config))
        _fill(loaded, "", model.ordered_weights)
    except Exception as error:
        raise RefusedError(
            f"it cannot be built from Keras's and lipbuild's layers: {first_line(error)}"
        ) from None
    return loaded


def _fill(model: Any, prefix: str, weights: Mapping[str, Sequence[np.ndarray]]) -> None:
    """Give each layer its weights; one that has none stored must need none."""
    for layer in model.layers:
        path = f"{prefix}{layer.name}"
        if hasattr(layer, "layers"):
            _fill(layer, f"{path}/", weights)
        else:
            layer.set_weights(weights.get(path, ()))


def _registered_names(value: Any) -> Iterator[str]:
    """The names of the classes of packages other than Keras, of layers and of what is in their arguments."""
    for part in objects_in(value):
        if isinstance(part.get("registered_name"), str):
            yield part["registered_name"]
