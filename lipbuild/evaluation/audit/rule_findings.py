"""The design rules of configs, applied to the layers of a trained model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lipbuild.evaluation.audit.finding import Finding
from lipbuild.network.shapes import Shape
from lipbuild.network.specs import LAYERS
from lipbuild.network.specs.refused import REFUSED
from lipbuild.rules.layers import PlacedLayer, check_layers
from lipbuild.rules.registry import RULES
from lipbuild.text.origin import SavedPlace

# Rules about how a config is trained.
_LEFT_OUT = frozenset({"few-iterations", "single-output-spectral", "output-activations"})


@dataclass(frozen=True)
class Described:
    """A layer in the terms of a config.

    Attributes:
        name: Its name.
        kind: Its class.
        config: Its arguments.
    """

    name: str
    kind: str
    config: Mapping[str, Any]


def rule_findings(
    layers: Sequence[Described], input_shape: Sequence[int | None], *, chain: bool
) -> dict[str, list[Finding]]:
    """What the rules of soundness and quality say of each layer.

    The rules about the whole network are asked of it as it would be once the advice about each layer has been
    followed.

    Args:
        layers: The layers, without the input.
        input_shape: The shape of one sample.
        chain: Whether each reads the one before; only then the network as a whole is looked at.

    Returns:
        The findings by the names of the layers.
    """
    own = [part for layer in layers for part in _parts(layer)]
    found = _found(own, tuple(input_shape), "LIP2")
    advised = _advised(layers) if chain else None
    if advised is not None:
        for name, more in _found(advised, tuple(input_shape), "LIP3").items():
            found.setdefault(name, []).extend(more)
    return found


def _found(layers: Sequence[PlacedLayer], input_shape: Shape, codes: str) -> dict[str, list[Finding]]:
    """What the rules of a group say of layers, by the layers' names."""
    found: dict[str, list[Finding]] = {}
    for problem in check_layers(layers, input_shape).problems:
        rule = RULES[problem.rule]
        if not rule.code.startswith(codes) or rule.name in _LEFT_OUT:
            continue
        if isinstance(problem.origin, SavedPlace):
            finding = Finding(rule.code, rule.name, rule.severity.value, problem.message, problem.help)
            own = found.setdefault(problem.origin.layer, [])
            if finding not in own:
                own.append(finding)
    return found


def _parts(layer: Described) -> list[PlacedLayer]:
    """A layer in the terms of a config, and its activation as another one."""
    return [_part(layer.kind, layer.config, SavedPlace(layer.name)), *_activation(layer)]


def _activation(layer: Described) -> list[PlacedLayer]:
    """The activation of a layer as a layer, whether it is a function or one already; nothing where there is none."""
    place = SavedPlace(layer.name, "activation")
    activation = layer.config.get("activation")
    if isinstance(activation, Mapping) and activation.get("class_name") == "function":
        activation = activation.get("config")
    if isinstance(activation, Mapping):
        inner = activation.get("config")
        return [_part(str(activation.get("class_name")), inner if isinstance(inner, Mapping) else {}, place)]
    if layer.kind == "Activation" or activation in (None, "linear"):
        return []
    return [_part("Activation", {"activation": str(activation)}, place)]


def _part(kind: str, config: Mapping[str, Any], place: SavedPlace) -> PlacedLayer:
    """A layer with those of its arguments that a config has for it."""
    fields = LAYERS[kind].model_fields.keys() - {"name", "inputs"} if kind in LAYERS else ()
    arguments = {
        key: value
        for key, value in config.items()
        if key in fields and isinstance(value, (bool, int, float, str, list))
    }
    return PlacedLayer(kind, arguments, place)


def _advised(layers: Sequence[Described]) -> list[PlacedLayer] | None:
    """The layers after the advice about each has been followed; None where there is one without an advice."""
    parts: list[PlacedLayer] = []
    for layer in layers:
        refused = REFUSED.get(layer.kind)
        if refused is not None and refused.is_passed_over:
            continue
        kind = refused.instead[-1].kind if refused is not None and refused.instead else layer.kind
        if kind not in LAYERS:
            return None
        parts.append(_part(kind, layer.config, SavedPlace(layer.name)))
        # A layer as another one's activation stands behind it; a function is among the arguments.
        if isinstance(layer.config.get("activation"), Mapping):
            parts += _activation(layer)
    return parts
