from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.errors import RefusedError
from lipbuild.saved.calls import Tensor, ends_of, histories
from lipbuild.saved.keras_config import check_input
from lipbuild.saved.keras_file import is_model
from lipbuild.saved.saved import Layer, Saved

# What says nothing of the function: a factor of lipbuild's models is that of their layers.
_LEFT_OUT = frozenset({"build_input_shape", "dtype", "k_coef_lip"})


def as_functional(saved: Saved) -> Saved:
    """The same model as one functional one, the layers of nested models taken in under `outer/inner`.

    A nested model that is called several times, has several inputs or outputs, or is of a class of its own is
    left as it is; so is the class of the outermost model, which may call its layers in its own way.

    Raises:
        RefusedError: The model's structure cannot be read.
    """
    try:
        config = _flattened(saved.config)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise RefusedError(f"the model's configuration cannot be read: {error!r}") from error
    return Saved(config, saved.weights, saved.origins)


def _flattened(model: Mapping[str, Any]) -> dict[str, Any]:
    inner = model["config"]
    layers = [dict(layer) for layer in inner["layers"]]
    ends: dict[str, Any]
    if "input_layers" not in inner:
        layers, first, last = _chain(layers, inner.get("build_input_shape"))
        ends = {"input_layers": [[first, 0, 0]], "output_layers": [[last, 0, 0]]}
    else:
        shifted = _functional(layers)
        ends = {
            "input_layers": ends_of(inner["input_layers"]),
            "output_layers": [
                (name, i - (name in shifted), t) for name, i, t in ends_of(inner["output_layers"])
            ],
        }
    moved: dict[Tensor, Tensor] = {}
    taken: list[Layer] = []
    for layer in layers:
        if is_model(layer) and len(layer["inbound_nodes"]) == 1 and _single(layer):
            taken += _taken_in(layer, moved)
        else:
            taken.append(layer)
    done = [{**layer, "inbound_nodes": _renamed(layer["inbound_nodes"], moved)} for layer in taken]
    followed = [_followed((name, i, t), moved) for name, i, t in ends["output_layers"]]
    shifted = _functional(done)
    outputs = [[name, i + (name in shifted), t] for name, i, t in followed]
    others = {key: value for key, value in inner.items() if key not in _LEFT_OUT}
    config = {"name": "model", **others, **ends, "output_layers": outputs, "layers": done}
    functional = {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "registered_name": "Functional",
    }
    return {**(functional if is_model(model) else model), "config": config}


def _functional(layers: list[Layer]) -> set[str]:
    """The functional models among layers, whose calls Keras counts from 1 where they are outputs."""
    return {layer["name"] for layer in layers if layer["class_name"] == "Functional"}


def _single(layer: Layer) -> bool:
    inner = layer["config"]
    if "input_layers" not in inner:
        # What Keras builds it for is not known of one without an input layer.
        return bool(inner["layers"]) and inner["layers"][0]["class_name"] == "InputLayer"
    return all(len(ends_of(inner[key])) == 1 for key in ("input_layers", "output_layers"))


def _chain(layers: list[Layer], build_shape: Any) -> tuple[list[Layer], str, str]:
    """The layers of a sequential model, each reading the one before."""
    if not layers or layers[0]["class_name"] != "InputLayer":
        name = "input"
        first = {
            "module": "keras.layers",
            "class_name": "InputLayer",
            "registered_name": None,
            "config": {"name": name, "batch_shape": build_shape},
        }
        layers = [first, *layers]
    chained = []
    before: str | None = None
    for layer in layers:
        name = layer["config"]["name"]
        shape = (layer.get("build_config") or {}).get("input_shape")
        call = [] if before is None else [{"args": [_tensor((before, 0, 0), shape)], "kwargs": {}}]
        chained.append({**layer, "name": name, "inbound_nodes": call})
        before = name
    assert before is not None
    return chained, chained[0]["name"], before


def _tensor(history: Tensor, shape: Any) -> dict[str, Any]:
    config = {"keras_history": list(history), "shape": shape or [None], "dtype": "float32"}
    return {"class_name": "__keras_tensor__", "config": config}


def _taken_in(layer: Layer, moved: dict[Tensor, Tensor]) -> list[Layer]:
    """The layers of a nested model, reading what it read."""
    outer = layer["name"]
    inner = _flattened(layer)["config"]
    [read] = histories(layer["inbound_nodes"])
    [[first, _, _]], [[last, index, number]] = inner["input_layers"], inner["output_layers"]
    index -= last in _functional(inner["layers"])
    moved[f"{outer}/{first}", 0, 0] = read
    moved[outer, 0, 0] = (f"{outer}/{last}", index, number)
    result = []
    for part in inner["layers"]:
        name = f"{outer}/{part['name']}" if "name" in part else f"{outer}/{part['config']['name']}"
        if part["class_name"] == "InputLayer":
            check_input(part)
            continue
        prefixed = _prefixed(part["inbound_nodes"], outer)
        result.append(
            {**part, "name": name, "inbound_nodes": prefixed, "config": {**part["config"], "name": name}}
        )
    return result


def _prefixed(value: Any, outer: str) -> Any:
    return _mapped(value, lambda history: (f"{outer}/{history[0]}", history[1], history[2]))


def _renamed(value: Any, moved: Mapping[Tensor, Tensor]) -> Any:
    return _mapped(value, lambda history: _followed(history, moved))


def _followed(history: Tensor, moved: Mapping[Tensor, Tensor]) -> Tensor:
    while history in moved:
        history = moved[history]
    return history


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            name, index, number = value["config"]["keras_history"]
            history = change((str(name), int(index), int(number)))
            return {**value, "config": {**value["config"], "keras_history": list(history)}}
        return {key: _mapped(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mapped(item, change) for item in value]
    return value
