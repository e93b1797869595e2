"""What a saved layer says that a config has no word for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lipbuild.errors import RefusedError
from lipbuild.importing.change import Change
from lipbuild.importing.saved_graph import SavedGraph, SavedLayer

_CONSTRAINED = "the Lipschitz constraint regularises by itself"
_OWN_CONSTRAINT = "the layer has a constraint of its own"
_WHY = {
    "kernel_regularizer": _CONSTRAINED,
    "bias_regularizer": _CONSTRAINED,
    "activity_regularizer": "it adds a term to the loss that the certificate knows nothing of",
    "kernel_constraint": _OWN_CONSTRAINT,
    "bias_constraint": "a bias is free: no constant depends on it",
    "kernel_initializer": "the layer starts from a kernel on its constraint",
    "trainable": "a config trains every layer",
}
# What each of them is where nobody says it.
_INITIAL = {
    "kernel_initializer": "GlorotUniform",
    "bias_initializer": "Zeros",
    "alpha_initializer": "Zeros",
}
# What is said elsewhere, or makes no difference to what a layer computes.
_SILENT = frozenset(
    {
        *("name", "dtype", "data_format", "seed", "batch_shape", "batch_input_shape", "input_shape"),
        *("sparse", "ragged", "supports_masking", "autocast", "synchronized", "build_config"),
    }
)


def dropped_options(layer: SavedLayer, carried: Collection[str], kind: str) -> Iterator[Change]:
    """A change for each argument of a layer that a config's layer does not take and that is not left at its default.

    Args:
        layer: The saved layer.
        carried: The arguments that are taken.
        kind: What the layer is called in messages.
    """
    for option, value in layer.config.items():
        if option in carried or option in _SILENT or _says_nothing(layer, option, value):
            continue
        why = _WHY.get(option, "a config's layer has no such argument")
        what = f"`{option}: {_written(value)}` left out"
        yield Change(layer.name, what, why, kind=kind, option=option, dropped=True)


def dropped_precision(graph: SavedGraph) -> Iterator[Change]:
    """A change for each arithmetic of a model's layers that is not float32."""
    found: dict[str, SavedLayer] = {}
    for layer in graph.layers:
        found.setdefault(precision_of(layer), layer)
    for precision, layer in found.items():
        if precision != "float32":
            why = "weights and certified networks are float32"
            if precision.startswith("mixed"):
                why += f"; a training in it is `train.precision: {precision}`"
            what = f"`dtype: {precision}` left out, here and wherever else it is"
            yield Change(layer.name, what, why, kind=layer.kind, option="dtype", dropped=True)


def precision_of(layer: SavedLayer) -> str:
    """The name of a layer's arithmetic."""
    given = layer.config.get("dtype")
    if isinstance(given, Mapping):
        given = given.get("config", {}).get("name")
    return str(given or "float32")


def check_not_quantized(graph: SavedGraph) -> None:
    """Let the weights of a model through that are numbers as they are, and not codes of such.

    Raises:
        RefusedError: A layer keeps codes.
    """
    for layer in graph.layers:
        if precision_of(layer).startswith(("int", "uint", "float8")):
            raise RefusedError(
                f"`{layer.name}` keeps its weights as codes ({precision_of(layer)}), and numbers are needed",
                "save the model before `model.quantize`, or import it without its weights",
            )


def _says_nothing(layer: SavedLayer, option: str, value: Any) -> bool:
    if option == "trainable":
        return bool(value)
    if option.endswith("_initializer"):
        default = _INITIAL.get(option)
        return layer.package != "keras" or value is None or default in (None, _class_of(value))
    return value is None or value is False or value in ("", [], {})


def _class_of(value: Any) -> str:
    return str(value.get("class_name", "")) if isinstance(value, Mapping) else str(value)


def _written(value: Any) -> str:
    """`L2(l2=0.01)` for what Keras serialises, anything else as JSON has it."""
    if isinstance(value, Mapping) and "class_name" in value:
        arguments = value.get("config")
        given = arguments.items() if isinstance(arguments, Mapping) else ()
        inside = ", ".join(f"{key}={_written(item)}" for key, item in given if item is not None)
        return f"{value['class_name']}({inside})"[:80]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)[:80]
