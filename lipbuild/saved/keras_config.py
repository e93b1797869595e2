"""A saved Keras configuration and its weights as a network, by a strict whitelist."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.errors import RefusedError
from lipbuild.saved.readers import LayerCall, reader_of
from lipbuild.saved.readers.layer_call import Config, Weights
from lipbuild.saved.readers.network_builder import NetworkBuilder
from lipbuild.saved.readers.options import ReadOptions, precision

_MODELS = {
    ("keras.src.models.functional", "Functional", "Functional"),
    ("keras", "Sequential", None),
}
# All that such a model is configured with.
_ENTRIES = {
    "Functional": {"name", "trainable", "layers", "input_layers", "output_layers"},
    "Sequential": {"name", "trainable", "dtype", "layers", "build_input_shape"},
}
# More than any model has: of models that call others twice, a few lines of a file are very many calls.
_MOST_CALLS = 2**16

# A result of a layer: the layer, which of its calls, and which result of that.
Tensor = tuple[str, int, int]


def network_of(
    config: Config, weights: Mapping[str, Weights], *, weight_types: Collection[str] = ("float32",)
) -> Network:
    """Read a functional or sequential model, and those within it.

    A node has the name of its layer's path, `outer/inner` within a nested model; the n-th call of a layer after the
    first has `/n` behind it.

    Args:
        config: What `model.to_json()` or a `.keras` file's `config.json` holds.
        weights: For each layer's path its weights, in the layer's order.
        weight_types: The types that they may have. Keras rounds what is stored in another type than float32.

    Returns:
        The network.

    Raises:
        RefusedError: If a layer, an option or the structure of the model is not known to have a constant. The
            message names the layer.
    """
    with _readable():
        if not is_plain_model(config):
            kind = config.get("registered_name") or config.get("class_name")
            raise RefusedError(
                f"a model of class `{kind}`; Keras's Functional and Sequential can be certified"
            )
        _check_sharing(config)
        reading = _Reading(weights, weight_types)
        [output] = reading.model(config, "", None)
        return reading.network.network(output)


def layer_network(layer: Config, shape: Sequence[int | None], weights: Mapping[str, Weights]) -> Network:
    """Read one layer of a functional model by itself, as it is called there first.

    Args:
        layer: As it is saved; it may be a model within the model.
        shape: Of each tensor that it reads, the batch axis left out. All of them are one, the network's input.
        weights: For each layer's path its weights, in the layer's order.

    Returns:
        The network of the layer alone, which ends in its first result.

    Raises:
        RefusedError: As `network_of`.
    """
    with _readable():
        _check_sharing({"config": {"layers": [layer]}})
        reading = _Reading(weights, ("float32",))
        source = reading.network.add(NetworkNode("the input", "input", (), {"shape": tuple(shape)})).name
        read: list[Tensor] = []
        arguments = _arguments(layer["inbound_nodes"][0]["args"], read)
        results = reading.call(layer, "", (source,) * len(read), arguments, {})
        return reading.network.network(results[0])


@contextmanager
def _readable() -> Iterator[None]:
    """Refuse a configuration that is not as Keras writes it."""
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as error:
        raise RefusedError(f"the model's configuration cannot be read: {error!r}") from error


def is_plain_model(part: Config) -> bool:
    """Whether something saved is a model of Keras's that calls its layers as it says.

    A class of one's own may bear any name, and call its layers in any way.
    """
    kind = (part.get("module"), part.get("class_name"), part.get("registered_name"))
    return kind in _MODELS and isinstance(part.get("config"), Mapping)


def _check_sharing(config: Config) -> None:
    """Refuse a layer that two models hold.

    Its weights are stored with the first of them alone, and in the second its calls are counted on.
    """
    known: set[Any] = set()
    left: list[Config] = [config]
    while left:
        for layer in left.pop()["config"]["layers"]:
            identity = layer.get("shared_object_id")
            if identity is not None and identity in known:
                raise RefusedError(
                    f"`{layer['config']['name']}` is one layer in two models, which Keras cannot load",
                    "share the whole model instead, or give each a layer of its own",
                )
            known.add(identity)
            if is_plain_model(layer):
                left.append(layer)


class _Reading:
    """A model as far as it has been read."""

    def __init__(self, weights: Mapping[str, Weights], weight_types: Collection[str]) -> None:
        self.weights = weights
        self.weight_types = weight_types
        self.network = NetworkBuilder()
        # How often the layer of each path has been called.
        self.called: dict[str, int] = {}
        # How many layers all models have that were called, each counted at each call.
        self.calls = 0

    def model(self, model: Config, path: str, sources: tuple[str, ...] | None) -> tuple[str, ...]:
        """Add the nodes of a model's call.

        Args:
            model: As it is saved.
            path: Before the names of its layers.
            sources: The nodes that it reads; None for the outermost, which reads data.

        Returns:
            The nodes that are its results.
        """
        kind, config = str(model["class_name"]), model["config"]
        where = f"the model `{path.rstrip('/') or config.get('name')}`"
        others = sorted(set(config) - _ENTRIES[kind])
        if others:
            raise RefusedError(f"{where} has the option {others[0]!r}, which is not known")
        self.calls += 1 + len(config["layers"])
        if self.calls > _MOST_CALLS:
            raise RefusedError(
                f"{where} calls more than {_MOST_CALLS} layers, those of models within it counted"
            )
        names = [layer["config"]["name"] for layer in config["layers"]]
        if len(set(names)) < len(names):
            raise RefusedError(f"two layers of {where} have one name")
        if kind == "Functional" and names != [layer["name"] for layer in config["layers"]]:
            raise RefusedError(f"a layer of {where} has two names")
        read = self.sequential if kind == "Sequential" else self.functional
        return read(config, path, sources)

    def sequential(self, config: Config, path: str, sources: tuple[str, ...] | None) -> tuple[str, ...]:
        layers = list(config["layers"])
        if layers and layers[0]["class_name"] == "InputLayer":
            first = layers.pop(0)
        elif sources is None:
            first = _input_layer(config["build_input_shape"])
        else:
            # What Keras builds it for may have an axis of length 1 more or less, which it adds or drops.
            raise RefusedError(
                f"`{path.rstrip('/')}` has no input layer, which Keras writes for a model within another",
                "load the model in Keras and save it again",
            )
        if sources is not None and len(sources) != 1:
            raise RefusedError(f"`{path.rstrip('/')}` takes one tensor and is called on {len(sources)}")
        last = self.input(first, path, None if sources is None else sources[0])
        for layer in layers:
            results = self.call(layer, path, (last,), [None], {})
            if len(results) != 1:
                raise RefusedError(f"`{path}{layer['config']['name']}` has several results in a Sequential")
            [last] = results
        return (last,)

    def functional(self, config: Config, path: str, sources: tuple[str, ...] | None) -> tuple[str, ...]:
        where = f"the model `{path.rstrip('/') or config.get('name')}`"
        if sources is None and isinstance(named := config["output_layers"], Mapping) and len(named) > 1:
            raise _not_one("outputs", len(named))
        inputs, outputs = _ends(config["input_layers"]), _ends(config["output_layers"])
        if sources is None and len(outputs) != 1:
            raise _not_one("outputs", len(outputs))
        given: tuple[str | None, ...] = (None,) if sources is None else sources
        if len(inputs) != len(given):
            if sources is None:
                raise _not_one("inputs", len(inputs))
            raise RefusedError(f"{where} takes {len(inputs)} tensors and is called on {len(given)}")
        fed = dict(zip(inputs, given, strict=True))
        if len(fed) < len(inputs):
            raise RefusedError(f"{where} has one input twice")
        results: dict[Tensor, str] = {}
        waiting = []
        for layer in config["layers"]:
            if layer["class_name"] == "InputLayer":
                tensor = (layer["name"], 0, 0)
                if tensor not in fed or layer["inbound_nodes"]:
                    raise RefusedError(f"`{path}{layer['name']}` is another input")
                results[tensor] = self.input(layer, path, fed[tensor])
            else:
                waiting += [(layer, i, call) for i, call in enumerate(layer["inbound_nodes"])]
        if results.keys() != fed.keys():
            raise RefusedError(f"{where} has an input that is not an input layer")
        # A layer may stand in the file before one that it reads.
        while waiting:
            left = []
            for layer, i, call in waiting:
                read: list[Tensor] = []
                arguments = _arguments(call["args"], read)
                if not all(tensor in results for tensor in read):
                    left.append((layer, i, call))
                    continue
                made = self.call(
                    layer,
                    path,
                    tuple(results[tensor] for tensor in read),
                    arguments,
                    call.get("kwargs", {}),
                )
                results |= {(layer["name"], i, number): node for number, node in enumerate(made)}
            if len(left) == len(waiting):
                raise RefusedError(f"`{path}{left[0][0]['name']}` reads what nothing computes")
            waiting = left
        nested = {layer["name"] for layer in config["layers"] if layer["class_name"] == "Functional"}
        # Among the outputs, and only there, Keras counts the calls of a functional model from 1.
        ends = [(name, index - (name in nested), number) for name, index, number in outputs]
        if not all(end in results for end in ends):
            raise RefusedError(f"{where} has an output that nothing computes")
        return tuple(results[end] for end in ends)

    def input(self, layer: Config, path: str, source: str | None) -> str:
        """The node that an input layer stands for."""
        check_input(layer)
        name, batch_shape = f"{path}{layer['config']['name']}", layer["config"]["batch_shape"]
        if source is None:
            shape = tuple(batch_shape[1:])
            return self.network.add(NetworkNode(name, "input", (), {"shape": shape})).name
        expected, shape = tuple(batch_shape[1:]), self.network.shapes[source]
        if len(expected) != len(shape) or any(a not in (None, b) for a, b in zip(expected, shape)):
            raise RefusedError(f"`{name}` takes tensors of the shape {expected}, and is given {shape}")
        return source

    def call(
        self, layer: Config, path: str, inputs: tuple[str, ...], arguments: Any, keywords: Config
    ) -> tuple[str, ...]:
        """Add the nodes of a call of a layer or a nested model; the nodes that are its results."""
        name = f"{path}{layer['config']['name']}"
        given = {k: v for k, v in keywords.items() if any(part is not None for part in _flat(v))}
        if given.get("training"):
            raise RefusedError(f"`{name}` is called with training=True, unlike the served network")
        if given.keys() - {"training"}:
            raise RefusedError(f"`{name}` is called with the options {sorted(given)}, which are not known")
        if is_plain_model(layer):
            if len(arguments) != 1 or len(_flat(arguments)) != len(inputs):
                raise RefusedError(f"`{name}` is called with other arguments than tensors")
            return self.model(layer, f"{name}/", inputs)
        return (self.layer(layer, name, inputs, arguments),)

    def layer(self, layer: Config, name: str, inputs: tuple[str, ...], arguments: Any) -> str:
        """Add the nodes of a layer's call; the name of the last one, which is its result."""
        index = self.called[name] = self.called.get(name, -1) + 1
        reader = reader_of(name, layer)
        config = ReadOptions(layer["config"])
        config.check_known(name)
        is_function = str(layer["module"]).startswith("keras.src.ops")
        if not is_function and [a for a in _flat(arguments) if a is not None]:
            raise RefusedError(f"`{name}` is called with other arguments than tensors")
        stored = () if is_function else self.weights.get(name, ())
        called = f"{name}/{index}" if index else name
        built = layer.get("build_config")
        call = LayerCall(
            *(called, inputs, self.network, config, reader_of, stored, arguments, self.weight_types, built)
        )
        result = reader(call)[-1]
        config.check_read(name)
        return result.name


def _input_layer(batch_shape: Sequence[int | None]) -> Config:
    """What stands before a Sequential without an input layer."""
    return {"class_name": "InputLayer", "config": {"name": "input", "batch_shape": batch_shape}}


def _not_one(what: str, count: int) -> RefusedError:
    return RefusedError(
        f"{count} {what}; one input and one output can be certified",
        "save or export the model with its logits alone (`lipbuild export` without `--with-radius`)",
    )


def check_input(layer: Config) -> None:
    """An input layer of Keras that takes numbers as they are: of whole numbers it would make steps of any line.

    Raises:
        RefusedError: If it does something else.
    """
    config = ReadOptions(layer["config"])
    name, kind = config["name"], precision(config)
    if layer.get("module", "keras.layers") != "keras.layers" or layer.get("registered_name") is not None:
        raise RefusedError(f"`{name}` is an input layer of `{layer.get('module')}`, which is not known")
    if kind != "float32":
        raise RefusedError(
            f"`{name}` is an input of {kind}, to which Keras rounds inputs",
            "give the model an input of float32",
        )
    unusual = {key: config.get(key) for key in ("sparse", "ragged", "optional")}
    if any(unusual.values()):
        raise RefusedError(f"`{name}` is a sparse, ragged or optional input, which is not known")
    config.leave("batch_shape")
    config.check_read(name)


def _ends(value: Any) -> list[Tensor]:
    """The tensors that a model has as its inputs or outputs, in order."""
    if isinstance(value, Mapping):
        raise RefusedError("a model has its inputs or outputs by names, and in order they can be certified")
    ends = [value] if value and isinstance(value[0], str) else value
    return [(str(name), int(index), int(number)) for name, index, number in ends]


def _arguments(value: Any, read: list[Tensor]) -> Any:
    """The call's arguments with tensors taken out into `read`, slices as triples, and constants as arrays."""
    if isinstance(value, Mapping):
        kind, config = value.get("class_name"), value.get("config", {})
        if kind == "__keras_tensor__":
            name, index, number = config["keras_history"]
            read.append((str(name), int(index), int(number)))
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
