"""A saved Keras configuration and its weights as a network, by a strict whitelist."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from lipbuild.certify.network import Network, Node
from lipbuild.certify.operations import OPERATIONS
from lipbuild.certify.readers import LayerCall, reader_of
from lipbuild.certify.readers.layer_call import Config, Weights
from lipbuild.certify.readers.options import Options, precision
from lipbuild.certify.saved.calls import ends_of
from lipbuild.errors import RefusedError

Shape = tuple[int, ...]

_MODELS = {("keras.src.models.functional", "Functional"), ("keras", "Sequential")}
# All that such a model is configured with.
_ENTRIES = {
    "Functional": {"name", "trainable", "layers", "input_layers", "output_layers"},
    "Sequential": {"name", "trainable", "dtype", "layers", "build_input_shape"},
}


def network_of(
    config: Config, weights: Mapping[str, Weights], *, weight_types: Collection[str] = ("float32",)
) -> Network:
    """Read a functional or sequential model.

    Args:
        config: what `model.to_json()` or a `.keras` file's `config.json` holds.
        weights: for each layer its weights, in the layer's order.
        weight_types: the types that they may have. Keras rounds what is stored in another type than float32.

    Returns:
        The network.

    Raises:
        RefusedError: if a layer, an option or the structure of the model is not known to have a constant. The
            message names the layer.
    """
    class_name, inner = config.get("class_name"), config.get("config")
    # A class of one's own may bear any name, and call its layers in any way.
    if (config.get("module"), class_name) not in _MODELS or not isinstance(inner, Mapping):
        kind = config.get("registered_name") or class_name
        raise RefusedError(f"a model of class `{kind}`; Keras's Functional and Sequential can be certified")
    others = sorted(set(inner) - _ENTRIES[str(class_name)])
    if others:
        raise RefusedError(f"the model has the option {others[0]!r}, which is not known")
    try:
        reading = _Reading(weights, weight_types)
        return reading.sequential(inner) if class_name == "Sequential" else reading.functional(inner)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as error:
        raise RefusedError(f"the model's configuration cannot be read: {error!r}") from error


class _Reading:
    """A model as far as it has been read: its nodes and their shapes."""

    def __init__(self, weights: Mapping[str, Weights], weight_types: Collection[str]) -> None:
        self.weights = weights
        self.weight_types = weight_types
        self.nodes: dict[str, Node] = {}
        self.shapes: dict[str, Shape] = {}

    def sequential(self, config: Config) -> Network:
        layers = list(config["layers"])
        if layers and layers[0]["class_name"] == "InputLayer":
            first = layers.pop(0)
            check_input(first)
            last = self._input(first["config"]["name"], first["config"]["batch_shape"])
        else:
            last = self._input("input", config["build_input_shape"])
        for layer in layers:
            last = self._layer(layer, layer["config"]["name"], (last,), [], {})
        return Network(tuple(self.nodes.values()), last)

    def functional(self, config: Config) -> Network:
        inputs, outputs = _ends(config["input_layers"]), _ends(config["output_layers"])
        if len(inputs) != 1 or len(outputs) != 1:
            raise RefusedError(
                f"{len(inputs)} inputs and {len(outputs)} outputs; one of each can be certified",
                "save or export the model with its logits alone (`lipbuild export` without `--with-radius`)",
            )
        results: dict[tuple[str, int], str] = {}
        waiting = []
        for layer in config["layers"]:
            if layer["class_name"] == "InputLayer":
                name = layer["config"]["name"]
                if self.nodes or (name, 0) != inputs[0]:
                    raise RefusedError(f"`{name}` is another input")
                check_input(layer)
                results[name, 0] = self._input(name, layer["config"]["batch_shape"])
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
                sources = tuple(results[key] for key in read)
                results[layer["name"], i] = self._layer(
                    layer, name, sources, arguments, call.get("kwargs", {})
                )
            if len(left) == len(waiting):
                raise RefusedError(f"`{left[0][0]['name']}` reads what nothing computes")
            waiting = left
        return _pruned(Network(tuple(self.nodes.values()), results[outputs[0]]))

    def _input(self, name: str, batch_shape: Sequence[int | None]) -> str:
        return self._add(Node(name, "input", (), {"shape": tuple(batch_shape[1:])}))

    def _add(self, node: Node) -> str:
        if node.name in self.nodes:
            raise RefusedError(f"two nodes are named `{node.name}`")
        shapes = [self.shapes[name] for name in node.inputs]
        self.shapes[node.name] = OPERATIONS[node.kind].shape(node, shapes)
        self.nodes[node.name] = node
        return node.name

    def _layer(
        self, layer: Config, name: str, inputs: tuple[str, ...], arguments: Any, keywords: Config
    ) -> str:
        """Add the nodes of a layer's call; the name of the last one, which is its result."""
        reader = reader_of(name, layer)
        given = {k: v for k, v in keywords.items() if v is not None}
        if given.get("training"):
            raise RefusedError(f"`{name}` is called with training=True, which is not what is served")
        if given.keys() - {"training"}:
            raise RefusedError(f"`{name}` is called with the options {sorted(given)}, which are not known")
        config = Options(layer["config"])
        config.check_known(name)
        is_function = str(layer["module"]).startswith("keras.src.ops")
        if not is_function and [a for a in _flat(arguments) if a is not None]:
            raise RefusedError(f"`{name}` is called with other arguments than tensors")
        stored = () if is_function else self.weights.get(config["name"], ())
        shapes = tuple(self.shapes[source] for source in inputs)
        call = LayerCall(name, inputs, shapes, config, stored, arguments, self.nodes, self.weight_types)
        nodes = reader(call)
        config.check_read(name)
        for node in nodes:
            last = self._add(node)
        return last


def check_input(layer: Config) -> None:
    """An input layer of Keras that takes numbers as they are: of whole numbers it would make steps of any line.

    Raises:
        RefusedError: if it does something else.
    """
    config = Options(layer["config"])
    name, kind = config["name"], precision(config)
    if layer.get("module", "keras.layers") != "keras.layers" or layer.get("registered_name") is not None:
        raise RefusedError(f"`{name}` is an input layer of `{layer.get('module')}`, which is not known")
    if kind != "float32":
        raise RefusedError(
            f"`{name}` is an input of {kind}, to which Keras rounds what it is given",
            "give the model an input of float32",
        )
    unusual = {key: config.get(key) for key in ("sparse", "ragged", "optional")}
    if any(unusual.values()):
        raise RefusedError(f"`{name}` is a sparse, ragged or optional input, which is not known")
    config.leave("batch_shape")
    config.check_read(name)


def _pruned(network: Network) -> Network:
    """Without the nodes that the output does not depend on."""
    needed = {network.output, network.nodes[0].name}
    for node in reversed(network.nodes):
        if node.name in needed:
            needed.update(node.inputs)
            if node.kind == "intermediate":
                raise RefusedError(
                    f"`{node.name}` is a {node.parameters['operation']}, which has no constant alone"
                )
    return Network(tuple(node for node in network.nodes if node.name in needed), network.output)


def _ends(value: Any) -> list[tuple[str, int]]:
    ends = ends_of(value)
    if any(tensor for _, _, tensor in ends):
        raise RefusedError("a layer with several results")
    return [(name, index) for name, index, _ in ends]


def _arguments(value: Any, read: list[tuple[str, int]]) -> Any:
    """The call's arguments with tensors taken out into `read`, slices as triples, and constants as arrays."""
    if isinstance(value, Mapping):
        kind, config = value.get("class_name"), value.get("config", {})
        if kind == "__keras_tensor__":
            name, index, tensor = config["keras_history"]
            if tensor:
                raise RefusedError(f"`{name}` has several results")
            read.append((str(name), int(index)))
            return None
        if kind == "__slice__":
            return ("slice", config["start"], config["stop"], config["step"])
        if kind in {"__numpy__", "__tensor__"} and config["dtype"] == "float32":
            return np.asarray(config["value"], np.float32)
        raise RefusedError(f"an argument of the kind {kind!r}")
    if isinstance(value, (list, tuple)):
        return [_arguments(item, read) for item in value]
    return value


def _flat(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in _flat(item)] if isinstance(value, list) else [value]
