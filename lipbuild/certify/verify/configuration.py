"""A model from its configuration and weights, by a strict whitelist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lipbuild.certify.verify.call import Call, check_common
from lipbuild.certify.verify.errors import RefusedError
from lipbuild.certify.verify.functions import STEP
from lipbuild.certify.verify.identities import check_identities
from lipbuild.certify.verify.kinds import KINDS
from lipbuild.certify.verify.layers import reader_of
from lipbuild.certify.verify.model import Model
from lipbuild.certify.verify.nodes import Node, Shape
from lipbuild.certify.verify.options import Options
from lipbuild.certify.verify.order import Called, keras_order

# What a model is configured with; Keras hands all else to its constructor.
_ENTRIES = {
    "Functional": {"name", "trainable", "layers", "input_layers", "output_layers"},
    "Sequential": {"name", "trainable", "dtype", "layers", "build_input_shape"},
}
_MODELS = {("keras.src.models.functional", "Functional", "Functional"), ("keras", "Sequential", None)}


def model_of(config: Mapping[str, Any], weights: Mapping[str, Sequence[np.ndarray]]) -> Model:
    """Read a functional or sequential model of Keras.

    Raises:
        RefusedError: if anything in it is not known.
    """
    kind = (config.get("module"), config.get("class_name"), config.get("registered_name"))
    if kind not in _MODELS:
        raise RefusedError("model", f"is a {kind}; Keras's Functional and Sequential can be checked")
    check_identities(config)
    building = _Building(weights)
    try:
        others = set(config["config"]) - _ENTRIES[kind[1]]
        if others:
            raise RefusedError("model", f"has the options {sorted(others)}, which are not known")
        output = (
            building.functional(config["config"])
            if kind[1] == "Functional"
            else building.sequential(config["config"])
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as error:
        raise RefusedError("model", f"its configuration cannot be read: {error!r}") from error
    return building.model(output)


class _Building:
    """The nodes that have been read."""

    def __init__(self, weights: Mapping[str, Sequence[np.ndarray]]) -> None:
        self.weights = weights
        self.nodes: dict[str, Node] = {}
        self.shapes: dict[str, Shape] = {}

    def sequential(self, config: Mapping[str, Any]) -> str:
        layers = list(config["layers"])
        if layers and layers[0]["class_name"] == "InputLayer":
            last = self.input(layers.pop(0))
        else:
            last = self.add_input("input", config["build_input_shape"])
        for layer in layers:
            last = self.layer(layer, layer["config"]["name"], (last,), [], {})
        return last

    def functional(self, config: Mapping[str, Any]) -> str:
        (first,), (end,) = _ends(config["input_layers"]), _ends(config["output_layers"])
        results: dict[Called, str] = {}
        reads: dict[Called, list[Called]] = {first: []}
        calls = []
        for layer in config["layers"]:
            if layer["class_name"] == "InputLayer":
                if (layer["config"]["name"], 0) != first or results:
                    raise RefusedError(layer["config"]["name"], "is another input")
                results[first] = self.input(layer)
            else:
                calls += [(layer, i, call) for i, call in enumerate(layer["inbound_nodes"])]
        while calls:
            waiting = []
            for layer, i, call in calls:
                read: list[Called] = []
                arguments = _arguments(call["args"], read)
                if set(read) <= results.keys():
                    name = layer["name"] + (f"/{i}" if i else "")
                    inputs = tuple(results[key] for key in read)
                    results[layer["name"], i] = self.layer(layer, name, inputs, arguments, call["kwargs"])
                    reads[layer["name"], i] = read
                else:
                    waiting.append((layer, i, call))
            if len(waiting) == len(calls):
                raise RefusedError(waiting[0][0]["name"], "reads what nothing computes")
            calls = waiting
        self.check_order(config["layers"], keras_order(reads, end))
        return results[end]

    def check_order(self, layers: Sequence[Mapping[str, Any]], order: Sequence[str]) -> None:
        """Layers of a class that has weights must stand as Keras counts them."""
        classes = {layer["class_name"] for layer in layers if self.weights.get(layer["config"]["name"])}
        counted = [layer["name"] for layer in layers if layer["class_name"] in classes]
        if counted != [name for name in order if name in counted]:
            raise RefusedError(
                "model",
                f"{counted} stand in another order than Keras finds their weights in, or lead nowhere",
            )

    def input(self, layer: Mapping[str, Any]) -> str:
        """Of float32: Keras turns what it is given into the type that is named here, be it a whole number."""
        options = Options(layer["config"]["name"], layer["config"])
        if (layer["module"], layer["registered_name"]) != ("keras.layers", None):
            raise RefusedError(options.where, f"is an input layer of `{layer['module']}`")
        check_common(options)
        for key in ("sparse", "ragged", "optional"):
            options.only(key, False)
        shape = options.take("batch_shape")
        options.finish()
        return self.add_input(options.where, shape)

    def add_input(self, name: str, batch_shape: Sequence[int | None]) -> str:
        return self.add(Node(name, "input", (), {"shape": tuple(batch_shape[1:])}))

    def layer(
        self,
        layer: Mapping[str, Any],
        name: str,
        inputs: tuple[str, ...],
        arguments: Any,
        keywords: Mapping[str, Any],
    ) -> str:
        # At inference a layer is called without training, whatever stands here.
        if set(keywords) - {"training", "mask"} or any(
            value not in (None, False) for value in keywords.values()
        ):
            raise RefusedError(name, f"is called with {dict(keywords)}, which is not known")
        reader, function = reader_of(name, layer), layer["module"].startswith("keras.src.ops")
        if not function and any(a is not None for a in _leaves(arguments)):
            raise RefusedError(name, "is called with other arguments than tensors")
        config = layer["config"]
        options = Options(name, config)
        check_common(options)
        weights = [] if function else self.weights.get(config["name"], [])
        call = Call(
            name, inputs, tuple(self.shapes[i] for i in inputs), options, weights, arguments, self.nodes
        )
        reader(call)
        options.finish()
        for node in call.nodes:
            last = self.add(node)
        return last

    def add(self, node: Node) -> str:
        if node.name in self.nodes:
            raise RefusedError(node.name, "is the name of two nodes")
        if node.kind == STEP:
            self.shapes[node.name] = node.options["shape"]
        else:
            kind = KINDS[node.kind]
            if kind.arity is not None and len(node.inputs) != kind.arity:
                raise RefusedError(node.name, f"reads {len(node.inputs)} inputs")
            shape = kind.shape(node, [self.shapes[i] for i in node.inputs])
            if any(type(size) is not int for size in shape):
                raise RefusedError(node.name, f"has the shape {shape!r:.80}")
            self.shapes[node.name] = shape
        self.nodes[node.name] = node
        return node.name

    def model(self, output: str) -> Model:
        """Without the nodes that the output does not depend on."""
        needed = {output, next(iter(self.nodes))}
        for node in reversed(list(self.nodes.values())):
            if node.name in needed:
                needed.update(node.inputs)
        nodes = {name: node for name, node in self.nodes.items() if name in needed}
        for node in nodes.values():
            if node.kind == STEP:
                raise RefusedError(
                    node.name, f"is a {node.options['operation']}, which has no constant alone"
                )
        return Model(nodes, {name: self.shapes[name] for name in nodes}, output)


def _ends(value: Any) -> list[Called]:
    if isinstance(value, Mapping):
        raise RefusedError("model", "has its inputs or outputs by names; one of each can be checked")
    ends = [value] if isinstance(value[0], str) else value
    if any(tensor != 0 for _, _, tensor in ends):
        raise RefusedError("model", "has a layer with several results")
    return [(name, index) for name, index, _ in ends]


def _arguments(value: Any, read: list[Called]) -> Any:
    """Arguments with None for each tensor, which goes to `read`, triples for slices and arrays for constants."""
    if isinstance(value, list):
        return [_arguments(item, read) for item in value]
    if not isinstance(value, Mapping):
        return value
    kind, config = value["class_name"], value["config"]
    if kind == "__keras_tensor__":
        name, index, tensor = config["keras_history"]
        if tensor != 0:
            raise RefusedError(name, "has several results")
        read.append((name, index))
        return None
    if kind == "__slice__":
        return (config["start"], config["stop"], config["step"])
    if kind in ("__numpy__", "__tensor__") and config["dtype"] == "float32":
        array = np.asarray(config["value"], np.float32).astype(np.float64)
        if np.isfinite(array).all():
            return array
    raise RefusedError("model", f"an argument is a {kind}")


def _leaves(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in _leaves(item)] if isinstance(value, list) else [value]
