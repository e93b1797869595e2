"""A saved Keras configuration and its weights as a network, by a strict whitelist."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lipbuild.certify.network import Network, Node
from lipbuild.errors import RefusedError

Weights = Sequence[np.ndarray]
Config = Mapping[str, Any]


@dataclass(frozen=True)
class LayerCall:
    """One call of a layer, as it is saved.

    Args:
        name: of the node that it becomes.
        inputs: the nodes that it reads.
        config: the layer's arguments.
        weights: the layer's weights, in its order.
        arguments: what it is called on, with None for each tensor and ("slice", start, stop, step) for a
            slice.
    """

    name: str
    inputs: tuple[str, ...]
    config: Config
    weights: Weights
    arguments: Any


# The nodes that a call comes to; the last one is its result.
Reader = Callable[[LayerCall], list[Node]]


def network_of(config: Config, weights: Mapping[str, Weights]) -> Network:
    """Read a functional or sequential model.

    Args:
        config: what `model.to_json()` or a `.keras` file's `config.json` holds.
        weights: for each layer its weights, in the layer's order.

    Returns:
        The network.

    Raises:
        RefusedError: if a layer, an option or the structure of the model is not known to have a constant. The
            message names the layer.
    """
    class_name, inner = config.get("class_name"), config.get("config")
    if class_name not in {"Functional", "Model", "Sequential"} or not isinstance(inner, Mapping):
        raise RefusedError(f"a model of class `{class_name}`; Functional and Sequential can be certified")
    try:
        if class_name == "Sequential":
            return _sequential(inner, weights)
        return _functional(inner, weights)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise RefusedError(f"the model's configuration cannot be read: {error!r}") from error


def _sequential(config: Config, weights: Mapping[str, Weights]) -> Network:
    layers = list(config["layers"])
    nodes: list[Node] = []
    if layers and layers[0]["class_name"] == "InputLayer":
        first = layers.pop(0)
        nodes += _input(first["config"]["name"], first["config"]["batch_shape"])
    else:
        nodes += _input("input", config["build_input_shape"])
    for layer in layers:
        name = layer["config"]["name"]
        nodes += _layer(layer, name, (nodes[-1].name,), weights, {})
    return Network(tuple(nodes), nodes[-1].name)


def _functional(config: Config, weights: Mapping[str, Weights]) -> Network:
    inputs, outputs = _ends(config["input_layers"]), _ends(config["output_layers"])
    if len(inputs) != 1 or len(outputs) != 1:
        raise RefusedError(f"{len(inputs)} inputs and {len(outputs)} outputs; one of each can be certified")
    results: dict[tuple[str, int], str] = {}
    nodes: list[Node] = []
    waiting = []
    for layer in config["layers"]:
        if layer["class_name"] == "InputLayer":
            name = layer["config"]["name"]
            if nodes or (name, 0) != inputs[0]:
                raise RefusedError(f"`{name}` is another input")
            nodes += _input(name, layer["config"]["batch_shape"])
            results[name, 0] = name
        else:
            waiting += [(layer, i, call) for i, call in enumerate(layer["inbound_nodes"])]
    # A layer may stand in the file before one that it reads.
    while waiting:
        left = []
        for layer, i, call in waiting:
            read: list[tuple[str, int]] = []
            arguments = _arguments(call["args"], read)
            if not all(key in results for key in read):
                left.append((layer, i, call))
                continue
            name = layer["name"] if i == 0 else f"{layer['name']}/{i}"
            extra = {"arguments": arguments, "keywords": call.get("kwargs", {})}
            made = _layer(layer, name, tuple(results[key] for key in read), weights, extra)
            nodes += made
            results[layer["name"], i] = made[-1].name
        if len(left) == len(waiting):
            raise RefusedError(f"`{left[0][0]['name']}` reads what nothing computes")
        waiting = left
    return _pruned(Network(tuple(nodes), results[outputs[0]]))


def _pruned(network: Network) -> Network:
    """Without the nodes that the output does not depend on."""
    needed = {network.output, network.nodes[0].name}
    for node in reversed(network.nodes):
        if node.name in needed:
            needed.update(node.inputs)
    return Network(tuple(node for node in network.nodes if node.name in needed), network.output)


def _ends(value: Any) -> list[tuple[str, int]]:
    if value and isinstance(value[0], str):
        value = [value]
    if any(tensor for _, _, tensor in value):
        raise RefusedError("a layer with several results")
    return [(str(name), int(index)) for name, index, _ in value]


def _arguments(value: Any, read: list[tuple[str, int]]) -> Any:
    """The call's arguments with tensors taken out into `read`, and slices as triples."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            name, index, tensor = value["config"]["keras_history"]
            if tensor:
                raise RefusedError(f"`{name}` has several results")
            read.append((str(name), int(index)))
            return None
        if value.get("class_name") == "__slice__":
            c = value["config"]
            return ("slice", c["start"], c["stop"], c["step"])
        return value
    if isinstance(value, (list, tuple)):
        return [_arguments(item, read) for item in value]
    return value


def _input(name: str, batch_shape: Sequence[int | None]) -> list[Node]:
    shape = tuple(batch_shape[1:])
    if not shape or any(not isinstance(n, int) or n < 1 for n in shape):
        raise RefusedError(f"the input `{name}` has the shape {shape}, which is not fully known")
    return [Node(name, "input", (), {"shape": shape})]


def _layer(
    layer: Config, name: str, inputs: tuple[str, ...], weights: Mapping[str, Weights], call: Mapping[str, Any]
) -> list[Node]:
    module, registered, class_name = str(layer["module"]), layer.get("registered_name"), layer["class_name"]
    # A class of one's own may bear any name; the module tells it from Keras's and lipbuild's.
    readers: Mapping[str, Reader] = {}
    if module.startswith("keras.src.ops"):
        readers = OPS
    elif module == "keras.layers" and registered is None:
        readers = LAYERS
    elif module.startswith("lipbuild.layers.") and registered == f"lipbuild>{class_name}":
        readers = OWN_LAYERS
    reader = readers.get(class_name)
    if reader is None:
        raise RefusedError(f"`{name}` is a `{registered or class_name}`, whose constant is not known")
    keywords = {k: v for k, v in call.get("keywords", {}).items() if v is not None}
    if keywords.get("training"):
        raise RefusedError(f"`{name}` is called with training=True, which is not what is served")
    if keywords.keys() - {"training"}:
        raise RefusedError(f"`{name}` is called with the options {sorted(keywords)}, which are not known")
    config = layer["config"]
    _check_options(name, config)
    others = [a for a in _flat(call.get("arguments", [])) if a is not None]
    if others and readers is not OPS:
        raise RefusedError(f"`{name}` is called with other arguments than tensors")
    stored = weights.get(config["name"], ())
    return reader(LayerCall(name, inputs, config, stored, call.get("arguments", [])))


def _flat(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in _flat(item)] if isinstance(value, list) else [value]


def _check_options(name: str, config: Config) -> None:
    policy = config.get("dtype", "float32")
    policy = policy["config"]["name"] if isinstance(policy, Mapping) else policy
    if policy != "float32":
        raise RefusedError(f"`{name}` computes in {policy}; float32 can be certified")
    if config.get("data_format") not in {None, "channels_last"}:
        raise RefusedError(f"`{name}` has its channels first; channels_last can be certified")
    if config.get("lora_rank") is not None or config.get("quantization_config") is not None:
        raise RefusedError(f"`{name}` has a changed kernel (LoRA or quantisation)")


def _activation(name: str, config: Config, nodes: list[Node]) -> list[Node]:
    """The nodes followed by the layer's activation, if it has one."""
    value = config.get("activation")
    if value is None or value == "linear":
        return nodes
    if not isinstance(value, str):
        raise RefusedError(f"`{name}` has an activation that is not a plain name: {value!r:.80}")
    return [
        *nodes,
        Node(f"{name}:{value}", "activation", (nodes[-1].name,), {"function": value, "slope": 0.0}),
    ]


def _kernel_and_bias(name: str, config: Config, weights: Weights, scale: float) -> dict[str, np.ndarray]:
    """The arrays as the layer applies them: kernel · scale in the kernel's own precision."""
    if len(weights) != 1 + bool(config["use_bias"]):
        raise RefusedError(f"`{name}` has {len(weights)} weights, and its configuration says otherwise")
    kernel = np.asarray(weights[0])
    if kernel.dtype.name not in {"float32", "float64"}:
        raise RefusedError(f"`{name}` has a kernel of type {kernel.dtype.name}")
    arrays = {"kernel": kernel if scale == 1.0 else kernel * kernel.dtype.type(scale)}
    if config["use_bias"]:
        arrays["bias"] = np.asarray(weights[1])
    return arrays


def _dense(layer: LayerCall) -> list[Node]:
    arrays = _kernel_and_bias(
        layer.name, layer.config, layer.weights, float(layer.config.get("k_coef_lip", 1.0))
    )
    if arrays["kernel"].ndim != 2 or arrays["kernel"].shape[1] != layer.config["units"]:
        raise RefusedError(
            f"`{layer.name}` has {layer.config['units']} units and a kernel of {arrays['kernel'].shape}"
        )
    return _activation(layer.name, layer.config, [Node(layer.name, "dense", layer.inputs, {}, arrays)])


def _convolution(layer: LayerCall) -> list[Node]:
    sizes, strides = tuple(layer.config["kernel_size"]), tuple(layer.config["strides"])
    scale = 1.0
    if "k_coef_lip" in layer.config:
        patches = math.prod(-(-k // s) for k, s in zip(sizes, strides, strict=True))
        scale = float(layer.config["k_coef_lip"]) * (1.0 / math.sqrt(patches))
    arrays = _kernel_and_bias(layer.name, layer.config, layer.weights, scale)
    shape = arrays["kernel"].shape
    if shape[:-2] != sizes or shape[-1] != layer.config["filters"]:
        raise RefusedError(
            f"`{layer.name}` has a kernel of shape {shape}, and its configuration says otherwise"
        )
    parameters = {
        "strides": strides,
        "padding": layer.config["padding"],
        "dilation_rate": tuple(layer.config["dilation_rate"]),
        "groups": int(layer.config["groups"]),
    }
    return _activation(
        layer.name, layer.config, [Node(layer.name, "convolution", layer.inputs, parameters, arrays)]
    )


def _depthwise(layer: LayerCall) -> list[Node]:
    arrays = _kernel_and_bias(layer.name, layer.config, layer.weights, 1.0)
    kernel = arrays["kernel"]
    if (
        kernel.shape[:-2] != tuple(layer.config["kernel_size"])
        or kernel.shape[-1] != layer.config["depth_multiplier"]
    ):
        raise RefusedError(
            f"`{layer.name}` has a kernel of shape {kernel.shape}, and its configuration says otherwise"
        )
    arrays["kernel"] = kernel.reshape(*kernel.shape[:-2], 1, -1)
    parameters = {
        "strides": tuple(layer.config["strides"]),
        "padding": layer.config["padding"],
        "dilation_rate": tuple(layer.config["dilation_rate"]),
        "groups": int(kernel.shape[-2]),
    }
    return _activation(
        layer.name, layer.config, [Node(layer.name, "convolution", layer.inputs, parameters, arrays)]
    )


def _pooling(kind: str, scaled: bool = False) -> Reader:
    def read(layer: LayerCall) -> list[Node]:
        size = tuple(layer.config["pool_size"])
        parameters = {
            "pool_size": size,
            "strides": tuple(layer.config["strides"]),
            "padding": layer.config["padding"],
        }
        if kind == "average_pooling":
            factor = float(layer.config["k_coef_lip"]) * math.sqrt(math.prod(size)) if scaled else 1.0
            parameters["factor"] = float(np.float32(factor))
        return [Node(layer.name, kind, layer.inputs, parameters)]

    return read


def _global_pooling(kind: str) -> Reader:
    def read(layer: LayerCall) -> list[Node]:
        return [
            Node(layer.name, kind, layer.inputs, {"keepdims": bool(layer.config["keepdims"]), "factor": 1.0})
        ]

    return read


def _rescaling(layer: LayerCall) -> list[Node]:
    arrays = {
        "factor": np.asarray(layer.config["scale"], np.float32),
        "offset": np.asarray(layer.config["offset"], np.float32),
    }
    return [Node(layer.name, "scale", layer.inputs, {}, arrays)]


def _group_sort(layer: LayerCall) -> list[Node]:
    factor = float(np.float32(layer.config["k_coef_lip"]))
    return [
        Node(layer.name, "group_sort", layer.inputs, {"pairing": layer.config["pairing"], "factor": factor})
    ]


def _relu(layer: LayerCall) -> list[Node]:
    if (
        layer.config.get("threshold")
        or layer.config.get("negative_slope")
        or layer.config.get("max_value") not in {None, 6.0}
    ):
        raise RefusedError(
            f"`{layer.name}` is a ReLU with a threshold, a slope or a maximum, which is not known"
        )
    function = "relu" if layer.config.get("max_value") is None else "relu6"
    return [Node(layer.name, "activation", layer.inputs, {"function": function, "slope": 0.0})]


def _leaky_relu(layer: LayerCall) -> list[Node]:
    slope = float(np.float32(layer.config["negative_slope"]))
    return [Node(layer.name, "activation", layer.inputs, {"function": "leaky_relu", "slope": slope})]


def _activation_layer(layer: LayerCall) -> list[Node]:
    value = layer.config["activation"]
    if not isinstance(value, str):
        raise RefusedError(f"`{layer.name}` has an activation that is not a plain name: {value!r:.80}")
    return [Node(layer.name, "activation", layer.inputs, {"function": value, "slope": 0.0})]


def _reshape(layer: LayerCall) -> list[Node]:
    return [
        Node(layer.name, "reshape", layer.inputs, {"shape": tuple(layer.config.get("target_shape", (-1,)))})
    ]


def _permute(layer: LayerCall) -> list[Node]:
    return [Node(layer.name, "permute", layer.inputs, {"dims": tuple(layer.config["dims"])})]


def _zero_padding(layer: LayerCall) -> list[Node]:
    padding = layer.config["padding"]
    pairs = [tuple(p) for p in padding] if isinstance(padding[0], (list, tuple)) else [tuple(padding)]
    return [Node(layer.name, "zero_padding", layer.inputs, {"padding": tuple(pairs)})]


def _cropping(layer: LayerCall) -> list[Node]:
    cropping = layer.config["cropping"]
    pairs = [tuple(p) for p in cropping] if isinstance(cropping[0], (list, tuple)) else [tuple(cropping)]
    return [
        Node(layer.name, "slice", layer.inputs, {"slices": tuple((a, -b or None, None) for a, b in pairs)})
    ]


def _get_item(layer: LayerCall) -> list[Node]:
    key = layer.arguments[1]
    items = [key] if key and key[0] == "slice" else list(key)
    if any(not isinstance(item, tuple) or item[0] != "slice" for item in items):
        raise RefusedError(f"`{layer.name}` indexes by something else than slices")
    triples = [item[1:] for item in items]
    if triples[0] != (None, None, None) or any(step is not None and step < 1 for _, _, step in triples):
        raise RefusedError(f"`{layer.name}` slices the batch, or backwards")
    return [Node(layer.name, "slice", layer.inputs, {"slices": tuple(triples[1:])})]


def _plain(kind: str, inputs_needed: int | None = 1) -> Reader:
    """An operation without parameters, on a given number of tensors, or on two and more."""

    def read(layer: LayerCall) -> list[Node]:
        # A number in place of a tensor is no input.
        if len(layer.inputs) < 2 if inputs_needed is None else len(layer.inputs) != inputs_needed:
            raise RefusedError(f"`{layer.name}` is a `{kind}` of {len(layer.inputs)} tensors")
        return [Node(layer.name, kind, layer.inputs)]

    return read


def _concatenate(layer: LayerCall) -> list[Node]:
    axis = int(layer.config["axis"])
    if axis == 0:
        raise RefusedError(f"`{layer.name}` concatenates samples")
    # Counted from the end an axis has the same number with and without the batch axis.
    return [Node(layer.name, "concatenate", layer.inputs, {"axis": axis - 1 if axis > 0 else axis})]


LAYERS: dict[str, Reader] = {
    "Dense": _dense,
    "Conv1D": _convolution,
    "Conv2D": _convolution,
    "Conv3D": _convolution,
    "DepthwiseConv1D": _depthwise,
    "DepthwiseConv2D": _depthwise,
    "AveragePooling1D": _pooling("average_pooling"),
    "AveragePooling2D": _pooling("average_pooling"),
    "MaxPooling1D": _pooling("max_pooling"),
    "MaxPooling2D": _pooling("max_pooling"),
    "GlobalAveragePooling1D": _global_pooling("global_average_pooling"),
    "GlobalAveragePooling2D": _global_pooling("global_average_pooling"),
    "GlobalMaxPooling1D": _global_pooling("global_max_pooling"),
    "GlobalMaxPooling2D": _global_pooling("global_max_pooling"),
    "Rescaling": _rescaling,
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "Activation": _activation_layer,
    "Flatten": _reshape,
    "Reshape": _reshape,
    "Permute": _permute,
    "ZeroPadding1D": _zero_padding,
    "ZeroPadding2D": _zero_padding,
    "Cropping1D": _cropping,
    "Cropping2D": _cropping,
    "Dropout": _plain("identity"),
    "SpatialDropout1D": _plain("identity"),
    "SpatialDropout2D": _plain("identity"),
    "Add": _plain("add", None),
    "Subtract": _plain("subtract", 2),
    "Average": _plain("average", None),
    "Maximum": _plain("maximum", None),
    "Minimum": _plain("minimum", None),
    "Concatenate": _concatenate,
}

OWN_LAYERS: dict[str, Reader] = {
    "SpectralDense": _dense,
    "FrobeniusDense": _dense,
    "SpectralConv1D": _convolution,
    "SpectralConv2D": _convolution,
    "FrobeniusConv2D": _convolution,
    "ScaledAveragePooling2D": _pooling("average_pooling", scaled=True),
    "GroupSort2": _group_sort,
}

# Functions of `keras.ops` on tensors.
OPS: dict[str, Reader] = {
    "GetItem": _get_item,
    "Add": _plain("add", 2),
    "Subtract": _plain("subtract", 2),
    "Maximum": _plain("maximum", 2),
    "Minimum": _plain("minimum", 2),
}
