"""Models that Keras itself loads, once it is known what is in their files."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipbuild.errors import RefusedError, UnusableError
from lipbuild.plugins import entry_points, load_entry_point, load_named
from lipbuild.saved.deel_lip import all_layers
from lipbuild.saved.keras_file import read_keras_file
from lipbuild.saved.read_saved import read_saved
from lipbuild.saved.saved import Saved
from lipbuild.saved.structure import objects_in

if TYPE_CHECKING:
    import keras

_KINDS = "layers|models|ops|activations|initializers|regularizers|constraints|dtype_policies|quantizers"
_BUILT_IN = re.compile(rf"(keras(\.({_KINDS}))?|keras\.src\.({_KINDS})(\.\w+)*|builtins)?")
# Built-in layers that run code or read files which their configuration names.
_UNSAFE = frozenset(
    {
        *("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"),
        *("StringLookup", "IntegerLookup", "TextVectorization"),
    }
)

# How much a layer has of something that weights belong to, and what is let pass whatever is stored.
_COUNTS = ("units", "filters", "input_dim", "output_dim", "num_heads", "key_dim", "depth_multiplier")
_ROOM = 2**16


def load_model(path: Path) -> keras.Model:
    """Load a model, without what it was compiled with. Keras opens no file that has not been looked at.

    Args:
        path: A `.keras` or a `.h5` file.

    Raises:
        RefusedError: It is not what Keras would write, or has a layer that is neither Keras's nor registered.
        UnusableError: It cannot be loaded.
    """
    import keras

    # What of lipbuild's a file may name.
    from lipbuild import constraints, initializers, layers, model, regularizers  # noqa: F401

    saved = read_saved(path)
    _register_brought(saved)
    _check_classes({**saved.config, "compile_config": None}, keras.saving.get_custom_objects())
    _check_sizes(saved)
    try:
        loaded: keras.Model = keras.saving.load_model(path, compile=False, safe_mode=True)
    # What Keras raises of a configuration that fits nothing is of any kind.
    except Exception as error:
        raise UnusableError(f"{path}: it cannot be loaded: {first_line(error)}") from None
    return loaded


def _register_brought(saved: Saved) -> None:
    """Import the Keras classes of the layers that installed packages bring and the file has."""
    for layer in all_layers(saved.config):
        kind = layer.get("class_name")
        if isinstance(kind, str) and kind in entry_points("layers"):
            load_named(load_entry_point("layers", kind).keras_class, f"the Keras class of `{kind}`")


def saved_anew(model: keras.Model) -> Saved:
    """A model of Keras as its `.keras` file would be read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return read_keras_file(path)


def first_line(error: Exception) -> str:
    """What an exception says, in a line."""
    return (str(error).strip() or repr(error)).split("\n", 1)[0][:300]


def _check_sizes(saved: Saved) -> None:
    """Keras makes room for what a layer says before it looks for the weights: each unit has at least one."""
    stored = sum(array.size for weights in saved.weights.values() for array in weights.values())
    for layer in all_layers(saved.config):
        for key in _COUNTS:
            count = layer["config"].get(key)
            if isinstance(count, (int, float)) and count > max(stored, _ROOM):
                raise RefusedError(
                    f"`{layer['config']['name']}` says {key} = {count}, and the file holds {stored} numbers"
                )


def _check_classes(config: Mapping[str, Any], registered: Mapping[str, Any]) -> None:
    """A file may name any class and any function: those of Keras that make models, and those that are registered."""
    for part in objects_in(config):
        kind, module = part.get("class_name"), part.get("module")
        if not isinstance(kind, str) or str(part.get("registered_name")) in registered or kind in registered:
            continue
        built_in = _BUILT_IN.fullmatch(module if isinstance(module, str) else "")
        if kind in _UNSAFE or built_in is None:
            name = (part.get("config") or {}).get("name") if isinstance(part.get("config"), dict) else None
            of = f"`{module}.{kind}`" if built_in is None else f"`{kind}`"
            raise RefusedError(
                f"`{name or kind}` is of the class {of}, which is not loaded from a file",
                "register it, or build the model from Keras's and lipbuild's layers",
            )
