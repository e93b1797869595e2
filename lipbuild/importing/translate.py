"""From the layers of a saved model to those of a config, under the names that Keras has for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lipbuild.config.layer_fix import Rewrite
from lipbuild.errors import RefusedError
from lipbuild.importing.change import Change
from lipbuild.importing.options import dropped_options, dropped_precision
from lipbuild.importing.saved_graph import SavedGraph, SavedLayer
from lipbuild.network.graph_node import INPUT
from lipbuild.network.specs import LAYERS
from lipbuild.network.specs.refused import REFUSED
from lipbuild.rules.layers import PlacedLayer
from lipbuild.text.origin import SavedPlace

# Arguments of layers that a rule replaces by one with the same arguments.
_CARRIED = (
    *("units", "filters", "kernel_size", "pool_size", "strides", "padding", "dilation_rate", "groups"),
    *("activation", "use_bias", "keepdims"),
)
_KERAS_DEFAULTS: dict[str, Any] = {
    "strides": 1,
    "dilation_rate": 1,
    "groups": 1,
    "use_bias": True,
    "keepdims": False,
}
# What only says how a layer starts, or how lipbuild keeps it on its constraint.
_LEFT_OUT = {
    *("name", "inputs", "kernel_initializer", "bias_initializer", "theta_initializer", "alpha_initializer"),
    *("eps_spectral", "eps_bjorck", "beta_bjorck", "maxiter_spectral", "maxiter_bjorck"),
}
# Given once for all dimensions where they are equal.
_SIZES = {"kernel_size", "pool_size", "strides", "dilation_rate"}
_AT_THE_END = {"softmax", "sigmoid"}
_LOGITS = "the network has to end in logits, which its losses take and its margins are made of"
_LOGITS_RULE = "output-activations"
# Why a layer around another one is taken off.
_AROUND = {
    "SpectralNormalization": "it divides by an estimate that is below the norm; lipbuild's layers constrain the norm "
    "itself",
    "TimeDistributed": "the layer does the same along the last axis, at every step",
}
_MERGING_FUNCTIONS = {"Add", "Subtract", "Multiply", "Maximum", "Minimum"}


@dataclass(frozen=True)
class TranslatedLayer(PlacedLayer):
    """One layer of a config that is made from a model.

    Attributes:
        kind: Its name in the config, known or not.
        arguments: Its arguments.
        place: Where it stands in the model.
        name: Its own name; empty where it is made of an argument of another one.
    """

    name: str

    def rewritten(self, rewrite: Rewrite) -> list[TranslatedLayer]:
        """What a fix makes of it."""
        if rewrite.removed:
            return []
        kept = {} if rewrite.bare else self.arguments
        arguments = {key: value for key, value in kept.items() if key not in rewrite.without}
        for key, value in rewrite.arguments:
            arguments[key] = list(value) if isinstance(value, tuple) else value
        made = [replace(self, kind=rewrite.kind or self.kind, arguments=arguments)]
        if rewrite.after:
            made.append(TranslatedLayer(rewrite.after, {}, self.place.inside("after"), ""))
        return made


@dataclass
class Translation:
    """The stack of a config, and how it differs from the model already.

    Attributes:
        layers: The layers.
        outputs: The names of the outputs; None where it is the last layer.
        changes: What was changed.
    """

    layers: list[TranslatedLayer] = field(default_factory=list)
    outputs: list[str] | None = None
    changes: list[Change] = field(default_factory=list)


def translate(graph: SavedGraph, coefficients: Mapping[str, float] | None = None) -> Translation:
    """Write down the layers of a saved model.

    Layers that the rules refuse keep Keras's names here; the rules' own fixes replace them.

    Args:
        graph: The saved model.
        coefficients: The `k_coef_lip` of layers whose weights are kept as they are.

    Raises:
        RefusedError: A layer has its channels first, or arguments that no layer has.
    """
    try:
        return _Translator(graph, coefficients or {}).run()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise RefusedError(f"the model's configuration cannot be read: {error!r:.300}") from None


class _Translator:
    def __init__(self, graph: SavedGraph, coefficients: Mapping[str, float]) -> None:
        self.graph = graph
        self.coefficients = coefficients
        self.result = Translation()
        # The names of what saved layers make, in the config.
        self.made: dict[str, str] = {INPUT: INPUT}
        self.taken = {INPUT}
        # What a layer without `inputs` reads, once the layers are gone that will be removed.
        self.current = INPUT

    def run(self) -> Translation:
        for layer in self.graph.layers:
            if layer.config.get("data_format") == "channels_first":
                raise RefusedError(
                    f"`{layer.name}` has its channels first, and a config has them last",
                    "save the model with `data_format='channels_last'`",
                )
            self.layer(layer, SavedPlace(layer.name))
        self.result.changes += dropped_precision(self.graph)
        outputs = [self.made[name] for name in self.graph.outputs]
        if outputs != [self.current]:
            self.result.outputs = outputs
        return self.result

    def layer(self, layer: SavedLayer, place: SavedPlace) -> None:
        ends = layer.name in self.graph.outputs
        kind, arguments = self.described(layer)
        activation = arguments.pop("activation", None)
        if isinstance(activation, Mapping):
            self.add(layer, kind, arguments, place)
            self.activation(layer, activation, place.inside("activation"))
            return
        if ends and activation in _AT_THE_END:
            self.change(layer, f"`{activation}` left out", _LOGITS, _LOGITS_RULE, "activation", dropped=True)
            activation = None
            if kind == "Activation":
                self.skip(layer)
                return
        if ends and kind == "Softmax":
            self.change(layer, "`Softmax` left out", _LOGITS, _LOGITS_RULE, dropped=True)
            self.skip(layer)
            return
        if activation is not None:
            arguments = {**arguments, "activation": activation}
        self.add(layer, kind, arguments, place)

    def described(self, layer: SavedLayer) -> tuple[str, dict[str, Any]]:
        """The kind of a layer in a config, and its arguments."""
        # An HDF5 file does not tell functions from layers; a layer is called on tensors alone.
        if layer.package == "keras.ops" or (layer.constants and layer.kind in _MERGING_FUNCTIONS):
            return _function(layer)
        kind, config = layer.kind, dict(layer.config)
        if kind == "PReLU":
            self.change(
                layer, "replaced by `PReLUlip`", "its slopes have no bound, and those are held in [-1, 1]"
            )
            kind = "PReLUlip"
        if layer.package == "deel-lip" and kind == "GroupSort2":
            # It pairs neighbours.
            config["pairing"] = "neighbours"
        if layer.package == "deel-lip" and kind == "Householder" and config.get("k_coef_lip", 1.0) != 1.0:
            why = "deel-lip's Householder does not multiply by its own"
            self.change(layer, "its coefficient is 1", why, option="k_coef_lip")
            config["k_coef_lip"] = 1.0
        if layer.package not in ("keras", "deel-lip", "lipbuild"):
            # A class of somebody's own may bear any name.
            return f"{layer.package}.{kind}".replace(" ", ""), {}
        if layer.name in self.coefficients:
            config["k_coef_lip"] = self.coefficients[layer.name]
        if layer.around:
            what = f"`{layer.around}` taken off `{layer.kind}`"
            self.change(layer, what, _AROUND[layer.around])
        if kind in LAYERS:
            fields = LAYERS[kind].model_fields.keys() | _LEFT_OUT
            self.result.changes += dropped_options(layer, fields - {"kernel_initializer"}, layer.kind)
            return kind, _known(kind, config)
        if _is_removed(kind):
            return kind, {}
        if kind in REFUSED and REFUSED[kind].instead:
            self.result.changes += dropped_options(layer, _CARRIED, kind)
        carried = _carried(config)
        if self.coefficients and {"units", "filters"} & carried.keys():
            # It must not take its share of a promise that others need.
            carried["k_coef_lip"] = 1.0
        return kind, carried

    def activation(self, layer: SavedLayer, activation: Mapping[str, Any], place: SavedPlace) -> None:
        """A layer given as another's activation becomes a layer of its own."""
        registered = str(activation.get("registered_name") or "")
        package = registered.split(">")[0] if ">" in registered else "keras"
        inner = SavedLayer(
            f"{layer.name}_activation",
            str(activation["class_name"]),
            package,
            activation["config"],
            (layer.name,),
        )
        self.layer(inner, place)
        self.made[layer.name] = self.made[inner.name]

    def add(self, layer: SavedLayer, kind: str, arguments: Mapping[str, Any], place: SavedPlace) -> None:
        name = self.name(layer.name)
        inputs = [self.made[source] for source in layer.inputs]
        read = {} if inputs == [self.current] else {"inputs": inputs}
        self.result.layers.append(TranslatedLayer(kind, {**arguments, "name": name, **read}, place, name))
        if _is_removed(kind):
            # What reads it will read what it reads.
            self.made[layer.name] = inputs[0]
            return
        self.made[layer.name] = self.current = name

    def skip(self, layer: SavedLayer) -> None:
        self.made[layer.name] = self.made[layer.inputs[0]]

    def change(
        self,
        layer: SavedLayer,
        what: str,
        why: str,
        rule: str = "",
        option: str = "",
        *,
        dropped: bool = False,
    ) -> None:
        self.result.changes.append(Change(layer.name, what, why, rule, layer.kind, option, dropped))

    def name(self, saved: str) -> str:
        base = re.sub(r"[^A-Za-z0-9_.-]", "_", saved).lstrip("_.-")[:90] or "layer"
        name, number = base, 2
        while name in self.taken:
            name, number = f"{base}_{number}", number + 1
        self.taken.add(name)
        return name


def _is_removed(kind: str) -> bool:
    """Whether the rules take a layer out without putting anything in its place."""
    return kind in REFUSED and REFUSED[kind].remedy == "remove"


def _known(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that differ from what a layer of the config language has where they are left out."""
    found: dict[str, Any] = {}
    for key, spec_field in LAYERS[kind].model_fields.items():
        if key in _LEFT_OUT or key not in config:
            continue
        value = _plain(config[key], key)
        if key == "activation" and kind != "Activation" and value == "linear":
            continue
        if key == "strides" and value == _plain(config.get("pool_size"), key):
            continue
        default = None if spec_field.is_required() else _plain(spec_field.default, key)
        if value is None or (value == default and not spec_field.is_required()):
            continue
        if key == "k_coef_lip" and value == 1.0:
            continue
        found[key] = value
    if "k_coef_lip" in found:
        # What the layer is comes first.
        found["k_coef_lip"] = found.pop("k_coef_lip")
    return found


def _carried(config: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: _plain(config[key], key) for key in _CARRIED if config.get(key) is not None}
    if found.get("activation") == "linear":
        del found["activation"]
    if "pool_size" in found and found.get("strides") == found["pool_size"]:
        del found["strides"]
        if found.get("padding") == "valid":
            del found["padding"]
    return {key: value for key, value in found.items() if _KERAS_DEFAULTS.get(key) != value}


def _function(layer: SavedLayer) -> tuple[str, dict[str, Any]]:
    """A function of tensors as a layer: `x + y`, `2 * x`, `relu(x)`."""
    affine = layer.affine()
    if layer.kind in _MERGING_FUNCTIONS and len(layer.inputs) > 1 and not layer.constants:
        return layer.kind, {}
    if affine is not None:
        return "Rescaling", {"scale": affine[0], **({"offset": affine[1]} if affine[1] else {})}
    if layer.kind in ("Relu", "ReLU") and not layer.constants:
        return "ReLU", {}
    return f"keras.ops.{layer.kind}", {}


def _plain(value: Any, key: str = "") -> Any:
    """Tuples as lists, equal sizes as one number, functions by their names."""
    if isinstance(value, Mapping):
        return value["config"] if value.get("class_name") == "function" else dict(value)
    if isinstance(value, (list, tuple)):
        items = [_plain(item) for item in value]
        return items[0] if key in _SIZES and all(item == items[0] for item in items) else items
    return value
