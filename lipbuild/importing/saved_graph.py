"""The layers of a saved model in one flat list, whatever version of Keras wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lipbuild.errors import RefusedError
from lipbuild.network.graph_node import INPUT
from lipbuild.saved.saved import Stored

Config = Mapping[str, Any]

# Classes of models, which hold layers.
_MODELS = {"Sequential", "Functional", "Model"}
# Layers that do along a sequence what they do to each of its steps, and have the same weights.
_STEPWISE = frozenset({"Dense", "Activation", "Dropout", "ReLU", "LeakyReLU", "ELU", "PReLU", "Identity"})
# What the tensors that a layer reads are called while the layers are collected.
_Tensors = dict[tuple[str, int], str]


@dataclass(frozen=True)
class SavedLayer:
    """One layer, or one function of tensors, of a saved model.

    Attributes:
        name: Its name; those within a nested model stand after the model's, with a slash.
        kind: The name of its class.
        package: Where the class is from: `keras`, `keras.ops`, `deel-lip`, `lipbuild`, or what else it says.
        config: Its arguments.
        inputs: The names of the layers that it reads.
        constants: What it is called on besides.
        is_first: Whether such a constant stands before the layer that it reads, as in `1 - x`.
        around: The class of the layer around it that was taken off; empty where none was.
    """

    name: str
    kind: str
    package: str
    config: Config
    inputs: tuple[str, ...]
    constants: tuple[Any, ...] = ()
    around: str = ""
    is_first: bool = False

    def affine(self) -> tuple[float, float] | None:
        """Factor and offset of a function of one tensor and one number: `x / 255`, `1 - x`; None for any other."""
        numbers = [c for c in self.constants if isinstance(c, (int, float)) and not isinstance(c, bool)]
        if self.package == "keras.ops" and self.kind == "Negative" and not self.constants:
            return -1.0, 0.0
        if len(self.inputs) != 1 or not len(numbers) == len(self.constants) == 1:
            return None
        number = float(numbers[0])
        if self.kind == "Add":
            return 1.0, number
        if self.kind == "Multiply":
            return number, 0.0
        if self.kind == "Subtract":
            return (-1.0, number) if self.is_first else (1.0, -number)
        if self.kind in ("Divide", "TrueDivide") and not self.is_first and number:
            return 1.0 / number, 0.0
        return None

    def stored(self, weights: Mapping[str, Stored]) -> Stored:
        """Its weights, of those of a model by layer: what is within another layer is kept there."""
        own = weights.get(f"{self.name}/layer") if self.around else None
        return own if own is not None else weights.get(self.name, {})


@dataclass(frozen=True)
class SavedGraph:
    """A saved model with one input.

    Attributes:
        name: Its name.
        input_shape: The shape of one sample.
        layers: Its layers, each after what it reads; `input` is the input.
        outputs: The names of the layers whose results it gives.
    """

    name: str
    input_shape: tuple[int | None, ...]
    layers: tuple[SavedLayer, ...]
    outputs: tuple[str, ...]


def saved_graph(config: Config) -> SavedGraph:
    """The layers of a model's configuration.

    Raises:
        RefusedError: It is not a sequential or functional model with one input, or it uses a layer twice.
    """
    collector = _Collector()
    try:
        outputs = collector.model(config, "", None)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise RefusedError(f"the model's configuration cannot be read: {error!r}") from None
    if collector.input_shape is None:
        raise RefusedError(
            "the model's configuration does not say the shape of its input",
            "build it before saving: `model.build((None, …))`, or start it with `keras.Input`",
        )
    name = str(config.get("config", {}).get("name", "model"))
    return SavedGraph(name, collector.input_shape, tuple(collector.layers), outputs)


@dataclass
class _Collector:
    layers: list[SavedLayer] = field(default_factory=list)
    input_shape: tuple[int | None, ...] | None = None

    def model(self, config: Config, prefix: str, source: str | None) -> tuple[str, ...]:
        """Collect a model's layers; the names of what it gives. `source` is what a nested model reads."""
        kind = _kind(config)
        if kind not in _MODELS or "layers" not in config.get("config", {}):
            raise RefusedError(
                f"a model of class `{config.get('registered_name') or kind}`; sequential and functional models can "
                "be imported"
            )
        inner = config["config"]
        if "input_layers" in inner:
            return self.functional(inner, prefix, source)
        return self.sequential(inner, prefix, source)

    def sequential(self, config: Config, prefix: str, source: str | None) -> tuple[str, ...]:
        current = source or INPUT
        shape = config.get("build_input_shape")
        for layer in config["layers"]:
            inner = layer["config"]
            shape = shape or inner.get("batch_shape") or inner.get("batch_input_shape")
            if layer["class_name"] == "InputLayer":
                continue
            [current] = self.layer(layer, prefix, (current,))
        if source is None:
            self.take_shape(shape)
        return (current,)

    def functional(self, config: Config, prefix: str, source: str | None) -> tuple[str, ...]:
        inputs, outputs = _ends(config["input_layers"]), _ends(config["output_layers"])
        if len(inputs) != 1:
            raise RefusedError(f"the model has {len(inputs)} inputs, and a config has one")
        tensors: _Tensors = {}
        waiting = []
        for layer in config["layers"]:
            if layer["class_name"] == "InputLayer":
                if source is None:
                    inner = layer["config"]
                    self.take_shape(inner.get("batch_shape") or inner.get("batch_input_shape"))
                tensors[layer["config"]["name"], 0] = source or INPUT
            else:
                waiting.append(layer)
        # A layer may stand in the file before one that it reads.
        while waiting:
            left = [layer for layer in waiting if not self.ready(layer, prefix, tensors)]
            if len(left) == len(waiting):
                raise RefusedError(f"`{left[0]['config']['name']}` reads what nothing computes")
            waiting = left
        return tuple(tensors[end] for end in outputs)

    def ready(self, layer: Config, prefix: str, tensors: _Tensors) -> bool:
        """Collect a layer if what it reads has been collected."""
        calls = layer["inbound_nodes"]
        name = layer["config"]["name"]
        if len(calls) != 1:
            raise RefusedError(
                f"`{name}` is used {len(calls)} times, and a config has no shared layers",
                "give each use a layer of its own",
            )
        read: list[tuple[str, int]] = []
        constants = _read(calls[0], read)
        if not all(key in tensors for key in read):
            return False
        made = self.layer(layer, prefix, tuple(tensors[key] for key in read), tuple(constants))
        if constants and made == (self.layers[-1].name,) and not _begins_with_a_tensor(calls[0]):
            self.layers[-1] = replace(self.layers[-1], is_first=True)
        tensors.update({(name, i): made[i] for i in range(len(made))})
        return True

    def layer(
        self, layer: Config, prefix: str, inputs: tuple[str, ...], constants: tuple[Any, ...] = ()
    ) -> tuple[str, ...]:
        """Collect one layer, or the layers of a nested model."""
        config = layer["config"]
        name = f"{prefix}{config['name']}"
        kind, package = _kind(layer), _package(layer)
        if kind in _MODELS and "layers" in config:
            if len(inputs) != 1:
                raise RefusedError(f"the nested model `{name}` has {len(inputs)} inputs; one can be imported")
            return self.model(layer, f"{name}/", inputs[0])
        if kind == "Pipeline" and package == "keras":
            return self.pipeline(config["layers"], f"{name}/", inputs)
        found = SavedLayer(name, kind, package, config, inputs, constants)
        if package == "keras" and kind in ("SpectralNormalization", "TimeDistributed"):
            inner = config["layer"]
            within = SavedLayer(name, _kind(inner), _package(inner), inner["config"], inputs, (), kind)
            if kind == "SpectralNormalization" or within.kind in _STEPWISE:
                found = within
        self.layers.append(found)
        return (name,)

    def pipeline(self, layers: Iterable[Config], prefix: str, inputs: tuple[str, ...]) -> tuple[str, ...]:
        """Collect the layers of a preprocessing pipeline, which follow each other."""
        for layer in layers:
            inputs = self.layer(layer, prefix, inputs)
        return inputs

    def take_shape(self, shape: Any) -> None:
        if shape is not None:
            self.input_shape = tuple(shape[1:])


def _kind(layer: Config) -> str:
    """The name of a layer's or a model's class, without that of its package."""
    return str(layer["class_name"]).split(">")[-1]


def _package(layer: Config) -> str:
    module = str(layer.get("module") or "")
    # HDF5 files have the registered name in the class's place.
    for registered in (str(layer.get("registered_name")), str(layer["class_name"])):
        if ">" in registered:
            return registered.split(">")[0]
    if module.startswith("keras.src.ops"):
        return "keras.ops"
    # Keras 2 names no module; a class of its own would be registered.
    return "keras" if module in ("", "keras.layers", "keras") else module


def _begins_with_a_tensor(call: Any) -> bool:
    arguments = call.get("args") if isinstance(call, Mapping) else None
    first = arguments[0] if isinstance(arguments, list) and arguments else None
    return isinstance(first, Mapping) and first.get("class_name") == "__keras_tensor__"


def _ends(value: Any) -> list[tuple[str, int]]:
    if isinstance(value, Mapping):
        raise RefusedError(
            f"the model gives {', '.join(f'`{name}`' for name in value)} by name, and a config's outputs have none",
            "save the model with its logits alone (`lipbuild export` without `--with-radius`)",
        )
    if value and isinstance(value[0], str):
        value = [value]
    if any(tensor for _, _, tensor in value):
        raise RefusedError("a layer with several results; a config has none")
    return [(str(name), int(index)) for name, index, _ in value]


def _read(call: Any, read: list[tuple[str, int]]) -> list[Any]:
    """The tensors of a call go to `read`; what else it is called on is returned."""
    if isinstance(call, Mapping) and "args" in call:
        constants: list[Any] = []
        _tensors([call["args"], list(call.get("kwargs", {}).values())], read, constants)
        return constants
    # Keras 2: [[layer, node, tensor, keywords], …]
    for name, index, _, keywords in [call] if isinstance(call[0], str) else call:
        read.append((str(name), int(index)))
        if keywords:
            raise RefusedError(f"a layer is called with the options {sorted(keywords)}, which are not known")
    return []


def _tensors(value: Any, read: list[tuple[str, int]], constants: list[Any]) -> None:
    if isinstance(value, Mapping) and value.get("class_name") == "__keras_tensor__":
        name, index, _ = value["config"]["keras_history"]
        read.append((str(name), int(index)))
    elif isinstance(value, (list, tuple)):
        for item in value:
            _tensors(item, read, constants)
    elif value is not None and value is not False:
        constants.append(value)
