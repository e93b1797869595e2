"""Models saved by deel-lip 2 (its Keras 3 branch), in the terms of Keras and lipbuild."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lipbuild.errors import RefusedError
from lipbuild.saved.keras_file import is_model
from lipbuild.saved.saved import Layer, Saved, Stored

PACKAGE = "deel-lip>"

# The new class and its arguments, and its weights in order, from the saved arguments and weights.
Translation = tuple[str, str, dict[str, Any], list[np.ndarray]]
Translate = Callable[[Mapping[str, Any], Stored], Translation]

# What deel-lip forgets to save and takes again when it loads.
_EPS_GRAD_SQRT = 1e-6


def is_deel_lip(saved: Saved) -> bool:
    """Whether a layer, or the model itself, is deel-lip's."""
    return _is_own(saved.config) or any(_is_own(layer) for layer in all_layers(saved.config))


def from_deel_lip(saved: Saved) -> Saved:
    """The same function by layers of Keras and lipbuild; a layer that is not known is left as it is.

    A constrained layer becomes the plain one with the kernel `wbar`, which deel-lip applies at inference: what
    is certified of it is what that kernel really is, not what its layer promises.

    Raises:
        RefusedError: A layer does not hold the weights that it should.
    """
    weights: dict[str, Stored] = dict(saved.weights)
    origins: dict[str, Mapping[str, Any]] = {}
    config = _translated_model(saved.config, "", weights, origins)
    return Saved(config, weights, origins)


def _is_own(part: Mapping[str, Any]) -> bool:
    return str(part.get("registered_name") or "").startswith(PACKAGE)


def all_layers(model: Mapping[str, Any]) -> list[Layer]:
    """The layers of a model and of the models in it, which stand before theirs."""
    found: list[Layer] = []
    for layer in model["config"]["layers"]:
        found += [layer, *(all_layers(layer) if is_model(layer) else [])]
    return found


def _translated_model(
    model: Mapping[str, Any],
    prefix: str,
    weights: dict[str, Stored],
    origins: dict[str, Mapping[str, Any]],
) -> dict[str, Any]:
    layers = []
    for layer in model["config"]["layers"]:
        name = f"{prefix}{layer['config']['name']}"
        if is_model(layer):
            layers.append(_translated_model(layer, f"{name}/", weights, origins))
        elif _is_own(layer) and layer["class_name"] in _LAYERS:
            origins[name] = {"class_name": layer["class_name"], "config": layer["config"]}
            layers.append(_translated(layer, name, weights))
        else:
            layers.append(layer)
    inner = {key: value for key, value in model["config"].items() if key != "k_coef_lip"}
    own = {"module": "keras", "registered_name": None} if _is_own(model) else {}
    return {**model, **own, "config": {**inner, "layers": layers}}


def _translated(layer: Layer, name: str, weights: dict[str, Stored]) -> Layer:
    config = layer["config"]
    try:
        module, class_name, arguments, arrays = _LAYERS[layer["class_name"]](config, weights.get(name, {}))
    except KeyError as error:
        raise RefusedError(f"`{name}` is a `{PACKAGE}{layer['class_name']}` without its {error}") from None
    weights[name] = {str(i): array for i, array in enumerate(arrays)}
    arguments = {
        key: _activation(value) if key == "activation" else value for key, value in arguments.items()
    }
    common = {key: config[key] for key in ("name", "trainable", "dtype") if key in config}
    own = module.startswith("lipbuild")
    calls = [
        # The default of its `call`, written down with every call; `predict` takes another.
        {**call, "kwargs": {key: value for key, value in call["kwargs"].items() if key != "training"}}
        for call in layer.get("inbound_nodes", [])
    ]
    return {
        **layer,
        **({"inbound_nodes": calls} if "inbound_nodes" in layer else {}),
        "module": module,
        "class_name": class_name,
        "registered_name": f"lipbuild>{class_name}" if own else None,
        "config": {**common, **arguments},
    }


def _activation(value: Any) -> Any:
    """A layer of deel-lip's without weights, given as an activation."""
    if not isinstance(value, Mapping) or not _is_own(value) or value["class_name"] not in _LAYERS:
        return value
    try:
        module, class_name, arguments, _ = _LAYERS[value["class_name"]](value["config"], {})
    except KeyError:
        return value
    common = {key: value["config"][key] for key in ("name", "trainable", "dtype") if key in value["config"]}
    registered = f"lipbuild>{class_name}"
    config = {**common, **arguments}
    return {"module": module, "class_name": class_name, "config": config, "registered_name": registered}


def _bias(config: Mapping[str, Any], stored: Stored) -> list[np.ndarray]:
    return [stored["1"]] if config["use_bias"] else []


def _dense(config: Mapping[str, Any], stored: Stored) -> Translation:
    arguments = {key: config[key] for key in ("units", "activation", "use_bias")}
    return "keras.layers", "Dense", arguments, [stored["wbar"], *_bias(config, stored)]


def _convolution(class_name: str) -> Translate:
    keys = ["filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate"]
    keys += ["groups"] if class_name == "Conv2D" else ["output_padding"]
    keys += ["activation", "use_bias"]

    def translate(config: Mapping[str, Any], stored: Stored) -> Translation:
        arguments = {key: config[key] for key in keys if key in config}
        return "keras.layers", class_name, arguments, [stored["wbar"], *_bias(config, stored)]

    return translate


def _own(module: str, class_name: str, *keys: str, **fixed: Any) -> Translate:
    """A layer of lipbuild's with these of the saved arguments, and weights under the same numbers."""

    def translate(config: Mapping[str, Any], stored: Stored) -> Translation:
        arguments = {**fixed, **{key: config[key] for key in keys if key in config}}
        arrays = [stored[str(i)] for i in range(len(stored))]
        return f"lipbuild.layers.{module}", class_name, arguments, arrays

    return translate


_POOLING = ("pool_size", "strides", "padding", "data_format", "k_coef_lip")
_GLOBAL = ("data_format", "keepdims", "k_coef_lip")
_SORT = _own("group_sort", "GroupSort", "n", "data_format", "k_coef_lip")

_LAYERS: dict[str, Translate] = {
    "SpectralDense": _dense,
    "FrobeniusDense": _dense,
    "SpectralConv2D": _convolution("Conv2D"),
    "FrobeniusConv2D": _convolution("Conv2D"),
    "SpectralConv2DTranspose": _convolution("Conv2DTranspose"),
    "ScaledAveragePooling2D": _own("scaled_average_pooling2d", "ScaledAveragePooling2D", *_POOLING),
    "ScaledL2NormPooling2D": _own(
        "scaled_l2_norm_pooling2d", "ScaledL2NormPooling2D", *_POOLING, eps_grad_sqrt=_EPS_GRAD_SQRT
    ),
    "ScaledGlobalAveragePooling2D": _own(
        "scaled_global_average_pooling2d", "ScaledGlobalAveragePooling2D", *_GLOBAL
    ),
    "ScaledGlobalL2NormPooling2D": _own(
        "scaled_global_l2_norm_pooling2d",
        "ScaledGlobalL2NormPooling2D",
        *_GLOBAL,
        eps_grad_sqrt=_EPS_GRAD_SQRT,
    ),
    "InvertibleDownSampling": _own(
        "invertible_down_sampling", "InvertibleDownSampling", "pool_size", "data_format", k_coef_lip=1.0
    ),
    "InvertibleUpSampling": _own(
        "invertible_up_sampling", "InvertibleUpSampling", "pool_size", "data_format", k_coef_lip=1.0
    ),
    # Neighbours in ascending order, whatever the size of a group.
    "GroupSort": _SORT,
    "GroupSort2": _SORT,
    "FullSort": _SORT,
    "MaxMin": _own("max_min", "MaxMin", "data_format", "k_coef_lip"),
    # deel-lip's multiplies by no coefficient.
    "Householder": _own("householder", "Householder", "data_format", k_coef_lip=1.0),
}
