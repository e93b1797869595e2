"""A model from its configuration and weights, by a strict whitelist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lipbuild.verifier.building import Building
from lipbuild.verifier.call import Call, check_common
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.identities import check_identities, check_layers
from lipbuild.verifier.layers import reader_of
from lipbuild.verifier.model import Model
from lipbuild.verifier.model_file import MODELS
from lipbuild.verifier.nodes import Node
from lipbuild.verifier.options import Options
from lipbuild.verifier.order import Called, keras_order

# What a model is configured with; Keras hands all else to its constructor.
_ENTRIES = {
    "Functional": {"name", "trainable", "layers", "input_layers", "output_layers"},
    "Sequential": {"name", "trainable", "dtype", "layers", "build_input_shape"},
}
# More than any model has: of models that call others twice, a few lines of a file are very many calls.
_MOST_CALLS = 2**16

# A result of a layer: its name, which of its calls, and which of the results of that.
Result = tuple[str, int, int]


def model_of(config: Mapping[str, Any], weights: Mapping[str, Sequence[np.ndarray]]) -> Model:
    """Read a functional or sequential model of Keras, and the models within it.

    Raises:
        RefusedError: If anything in it is not known.
    """
    kind = (config.get("module"), config.get("class_name"), config.get("registered_name"))
    if kind not in MODELS:
        raise RefusedError("model", f"is a {kind}; Keras's Functional and Sequential can be checked")
    reading = _Reading(weights)
    try:
        check_identities(config)
        check_layers(config)
        outputs = reading.model(config, "")
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as error:
        raise RefusedError("model", f"its configuration cannot be read: {error!r}") from error
    if len(outputs) != 1:
        raise RefusedError("model", f"has {len(outputs)} outputs; one can be checked")
    return reading.building.model(outputs[0])


class _Reading:
    """A model as far as it has been read. A node is named by the path of its layer, and by which of its calls it is."""

    def __init__(self, weights: Mapping[str, Sequence[np.ndarray]]) -> None:
        self.weights = weights
        self.building = Building()
        self.calls: Counter[str] = Counter()
        self.total = 0

    def model(
        self, model: Mapping[str, Any], prefix: str, given: Sequence[str] | None = None
    ) -> tuple[str, ...]:
        """The results of a model that reads the given nodes; the outermost one has its own input."""
        where, config = prefix.rstrip("/") or "model", model["config"]
        self.total += 1 + len(config["layers"])
        if self.total > _MOST_CALLS:
            raise RefusedError(
                where, f"calls more than {_MOST_CALLS} layers, those of models within it counted"
            )
        others = set(config) - _ENTRIES[model["class_name"]]
        if others:
            raise RefusedError(where, f"has the options {sorted(others)}, which are not known")
        if model["class_name"] == "Functional":
            return self.functional(where, config, prefix, given)
        return self.sequential(where, config, prefix, given)

    def sequential(
        self, where: str, config: Mapping[str, Any], prefix: str, given: Sequence[str] | None
    ) -> tuple[str, ...]:
        layers = list(config["layers"])
        names = [layer["config"]["name"] for layer in layers]
        if len(set(names)) != len(names) or (given is not None and len(given) != 1):
            raise RefusedError(where, "has two layers of one name, or reads other than one tensor")
        if layers and layers[0]["class_name"] == "InputLayer":
            last = self.input(layers.pop(0), prefix, given[0] if given else None)
        elif given:
            # Keras builds it for a shape that stands elsewhere, and adds or drops an axis of length 1 of another one.
            raise RefusedError(where, "has no input layer, which Keras writes for a model within another")
        else:
            last = self.add_input("input", config["build_input_shape"])
        for layer in layers:
            (last,) = self.call(layer, prefix, layer["config"]["name"], (last,), [None], {})
        return (last,)

    def functional(
        self, where: str, config: Mapping[str, Any], prefix: str, given: Sequence[str] | None
    ) -> tuple[str, ...]:
        starts, ends = _ends(where, config["input_layers"]), _ends(where, config["output_layers"])
        names = [layer["name"] for layer in config["layers"]]
        if len(set(names)) != len(names) or len(set(starts)) != len(starts):
            raise RefusedError(where, "has two layers of one name, or an input twice")
        if names != [layer["config"]["name"] for layer in config["layers"]]:
            raise RefusedError(where, "has a layer of two names")
        sources: Sequence[str | None] = [None] if given is None else given
        if len(sources) != len(starts):
            raise RefusedError(where, f"has {len(starts)} inputs, and {len(sources)} can be read")
        fed = dict(zip(starts, sources, strict=True))
        results: dict[Result, str] = {}
        reads: dict[Called, list[Called]] = {}
        calls = []
        for layer in config["layers"]:
            if layer["class_name"] != "InputLayer":
                calls += [(layer, i, call) for i, call in enumerate(layer["inbound_nodes"])]
                continue
            start = (layer["name"], 0, 0)
            if start not in fed or layer["inbound_nodes"]:
                raise RefusedError(prefix + layer["name"], "is another input")
            results[start], reads[start[:2]] = self.input(layer, prefix, fed[start]), []
        if set(results) != set(fed):
            raise RefusedError(where, "reads something that is not an input layer")
        while calls:
            waiting = []
            for layer, i, call in calls:
                read: list[Result] = []
                arguments = _arguments(call["args"], read)
                if set(read) <= results.keys():
                    inputs = tuple(results[key] for key in read)
                    made = self.call(layer, prefix, layer["name"], inputs, arguments, call["kwargs"])
                    results |= {(layer["name"], i, number): name for number, name in enumerate(made)}
                    reads[layer["name"], i] = [key[:2] for key in read]
                else:
                    waiting.append((layer, i, call))
            if len(waiting) == len(calls):
                raise RefusedError(prefix + waiting[0][0]["name"], "reads what nothing computes")
            calls = waiting
        # Keras writes the calls of a functional model from 1 on where they are outputs, else from 0 on.
        shifted = {layer["name"] for layer in config["layers"] if layer["class_name"] == "Functional"}
        ends = [(name, i - 1 if name in shifted else i, number) for name, i, number in ends]
        if not set(ends) <= results.keys():
            raise RefusedError(where, "has an output that nothing computes")
        self.check_order(where, config["layers"], prefix, keras_order(reads, [end[:2] for end in ends]))
        return tuple(results[end] for end in ends)

    def check_order(
        self, where: str, layers: Sequence[Mapping[str, Any]], prefix: str, order: Sequence[str]
    ) -> None:
        """Layers of a class that has weights must stand as Keras counts them."""

        def weighted(layer: Mapping[str, Any]) -> bool:
            path = prefix + layer["config"]["name"]
            return any(
                stored for name, stored in self.weights.items() if name == path or name.startswith(f"{path}/")
            )

        classes = {layer["class_name"] for layer in layers if weighted(layer)}
        counted = [layer["name"] for layer in layers if layer["class_name"] in classes]
        if counted != [name for name in order if name in counted]:
            raise RefusedError(
                where, f"{counted} stand in another order than Keras finds their weights in, or lead nowhere"
            )

    def input(self, layer: Mapping[str, Any], prefix: str, given: str | None) -> str:
        """Of float32: Keras turns what it is given into the type that is named here, be it a whole number."""
        options = Options(prefix + layer["config"]["name"], layer["config"])
        if (layer["module"], layer["registered_name"]) != ("keras.layers", None):
            raise RefusedError(options.where, f"is an input layer of `{layer['module']}`")
        check_common(options)
        for key in ("sparse", "ragged", "optional"):
            options.only(key, False)
        shape = options.take("batch_shape")
        options.finish()
        if given is None:
            return self.add_input(options.where, shape)
        # Keras would drop or add an axis of length 1.
        found = self.building.shapes[given]
        if len(shape) != len(found) + 1 or any(n not in (None, m) for n, m in zip(shape[1:], found)):
            raise RefusedError(options.where, f"has the shape {shape}, and is given {found}")
        return given

    def add_input(self, name: str, batch_shape: Sequence[int | None]) -> str:
        return self.building.add(Node(name, "input", (), {"shape": tuple(batch_shape[1:])}))

    def call(
        self,
        layer: Mapping[str, Any],
        prefix: str,
        name: str,
        inputs: tuple[str, ...],
        arguments: Any,
        keywords: Mapping[str, Any],
    ) -> tuple[str, ...]:
        """The results of a layer, of which a model may have several."""
        path = prefix + name
        # False as a mask is one that leaves everything out.
        if (
            set(keywords) - {"training", "mask"}
            or not (keywords.get("training") is None or keywords["training"] is False)
            or any(value is not None for value in _leaves(keywords.get("mask")))
        ):
            raise RefusedError(path, f"is called with {dict(keywords)}, which is not known")
        if (layer["module"], layer["class_name"], layer["registered_name"]) in MODELS:
            if len(arguments) != 1 or _leaves(arguments) != [None] * len(inputs):
                raise RefusedError(path, "is called with other arguments than tensors")
            return self.model(layer, f"{prefix}{layer['config']['name']}/", inputs)
        reader, function = reader_of(path, layer), layer["module"].startswith("keras.src.ops")
        if not function and any(a is not None for a in _leaves(arguments)):
            raise RefusedError(path, "is called with other arguments than tensors")
        config = layer["config"]
        options = Options(path, config)
        check_common(options)
        weights = [] if function else self.weights.get(prefix + config["name"], [])
        number = self.calls[path]
        self.calls[path] += 1
        called = f"{path}/{number}" if number else path
        built = layer.get("build_config")
        call = Call(called, inputs, self.building, options, reader_of, weights, arguments, built)
        reader(call)
        options.finish()
        return (call.last,)


def _ends(where: str, value: Any) -> list[Result]:
    if isinstance(value, Mapping):
        raise RefusedError(where, "has its inputs or outputs by names; in order they can be checked")
    ends = [value] if isinstance(value[0], str) else value
    if any(type(part) is not kind for end in ends for part, kind in zip(end, (str, int, int), strict=True)):
        raise RefusedError(where, f"has the inputs or outputs {value!r:.80}")
    return [(name, index, number) for name, index, number in ends]


def _arguments(value: Any, read: list[Result]) -> Any:
    """Arguments with None for each tensor, which goes to `read`, triples for slices and arrays for constants."""
    if isinstance(value, list):
        return [_arguments(item, read) for item in value]
    if not isinstance(value, Mapping):
        return value
    kind, config = value["class_name"], value["config"]
    if kind == "__keras_tensor__":
        name, index, number = config["keras_history"]
        read.append((name, index, number))
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
