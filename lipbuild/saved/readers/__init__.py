"""How each layer of a saved model is read. What is not here is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.errors import RefusedError
from lipbuild.saved.readers import activations, linear, merging, moving, pooling, scaling
from lipbuild.saved.readers.functions import FUNCTIONS
from lipbuild.saved.readers.layer_call import LayerCall, Reader
from lipbuild.saved.readers.reasons import REASONS

LAYERS: dict[str, Reader] = {
    **linear.LAYERS,
    **activations.LAYERS,
    **pooling.LAYERS,
    **moving.LAYERS,
    **scaling.LAYERS,
    **merging.LAYERS,
}
"""Keras's layers."""

__all__ = ["FUNCTIONS", "LAYERS", "LayerCall", "Reader", "reader_of"]


def reader_of(name: str, layer: Mapping[str, Any]) -> Reader:
    """The reader of a saved layer or function.

    A class of one's own may bear any name; the module tells it from Keras's.

    Raises:
        RefusedError: If none is known; the message says why where the reason is known.
    """
    module, registered, class_name = str(layer["module"]), layer.get("registered_name"), layer["class_name"]
    readers: Mapping[str, Reader] = {}
    if module.startswith("keras.src.ops"):
        readers = FUNCTIONS
    elif module == "keras.layers" and registered is None:
        readers = LAYERS
    reader = readers.get(class_name)
    if reader is None and str(registered).startswith("lipbuild>"):
        raise RefusedError(
            f"`{name}` is a `{registered}`, which computes its kernel when it runs: its plain form can be certified",
            "`lipbuild certify MODEL` makes it, and so does `model.vanilla_export()`",
        )
    if reader is None:
        reason = REASONS.get(class_name, "whose constant is not known")
        raise RefusedError(f"`{name}` is a `{registered or class_name}`, {reason}")
    return reader
