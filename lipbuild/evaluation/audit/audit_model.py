from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, Context
from typing import Any

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.network import Network
from lipbuild.errors import LipbuildError, RefusedError
from lipbuild.evaluation.audit.audit import Audit, AuditedLayer
from lipbuild.evaluation.audit.finding import Finding
from lipbuild.evaluation.audit.layer_bound import LayerBound, Shape, layer_bound
from lipbuild.evaluation.audit.rule_findings import Described, rule_findings
from lipbuild.rules.registry import RULES
from lipbuild.saved.calls import Tensor, histories
from lipbuild.saved.deel_lip import from_deel_lip, is_deel_lip
from lipbuild.saved.functional import as_functional
from lipbuild.saved.keras_config import network_of
from lipbuild.saved.saved import Layer, Saved

# What is shown as a constant above 1, or above what a layer promises: more than rounding makes of it.
_ROOM = 1.0 + 1e-6
_UP = Context(prec=7, rounding=ROUND_CEILING)
# Rules about what training may do to a layer.
_OF_ANY_WEIGHTS = frozenset(
    {"plain-dense", "plain-convolutions", "batch-normalization", "standardized-inputs"}
)
_PROBABILITIES = frozenset({"softmax", "sigmoid"})
_NOT_CALLED = LayerBound(None, 0.0, "nothing calls it", None)


def audit_model(
    saved: Saved,
    input_shape: Sequence[int] | None = None,
    *,
    plain: Saved | None = None,
    reason: str = "",
    compare: Callable[[Network], None] | None = None,
) -> Audit:
    """Look at a saved model: a proved bound of each layer, what the rules say of it, and the whole.

    Args:
        saved: The model.
        input_shape: The shape of one sample, where the model leaves it open.
        plain: The same model by Keras's layers alone, under the same names, where some of its own are lipbuild's or
            deel-lip's: of that is proved what there is to prove.
        reason: Why there is no such model, where one is needed.
        compare: Raises an error where the network that was read is not what Keras computes.

    Raises:
        RefusedError: The model's structure cannot be read, or `input_shape` does not fit it.
    """
    try:
        return _audit(saved, input_shape, plain, reason, compare)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as error:
        raise RefusedError(f"the model's configuration cannot be read: {error!r:.300}") from error


def _audit(
    saved: Saved,
    input_shape: Sequence[int] | None,
    plain: Saved | None,
    reason: str,
    compare: Callable[[Network], None] | None,
) -> Audit:
    origin = "deel-lip" if is_deel_lip(saved) else ""
    translated = from_deel_lip(saved) if origin else saved
    model = as_functional(translated)
    proved = model if plain is None else as_functional(plain)
    if input_shape is not None:
        model, proved = (_with_input_shape(part, input_shape) for part in (model, proved))
    lipschitz, reason = (None, reason) if reason else _whole(proved, compare)
    layers = _ordered(model.layers)
    first = next((layer for layer in layers if layer["class_name"] == "InputLayer"), None)
    shape = tuple(first["config"]["batch_shape"][1:]) if first is not None else ()
    parts = [layer for layer in layers if layer["class_name"] != "InputLayer"]
    chain = all(
        [name for name, _, _ in histories(layer["inbound_nodes"])] == [before["name"]]
        for before, layer in zip([first, *parts], parts)
        if before is not None
    )
    described = [_described(layer, model) for layer in parts if not _is_function(layer)]
    findings = rule_findings(described, shape, chain=chain)
    stated = _stated_shapes([layer["inbound_nodes"] for layer in layers])
    bounds = _bounds(layers, translated if plain is None else plain)
    audited = [
        _audited(layer, bounds[layer["name"]], findings.get(layer["name"], []), model, stated)
        for layer in parts
    ]
    if audited:
        audited[-1] = _with_output_finding(audited[-1], parts[-1])
    if reason and None in shape:
        reason = f"{reason}: give the shape of one sample with `--input-shape`"
    return Audit(tuple(audited), lipschitz, reason, origin)


def _whole(model: Saved, compare: Callable[[Network], None] | None) -> tuple[float | None, str]:
    try:
        network = network_of(model.config, model.ordered_weights)
        certified = CertifiedNetwork.of(network)
        if compare is not None:
            compare(network)
    except LipbuildError as error:
        return None, error.message
    if not math.isfinite(certified.lipschitz):
        return None, "the constant is beyond float64"
    return certified.lipschitz, ""


def _bounds(layers: Sequence[Layer], proved: Saved) -> dict[str, LayerBound]:
    """Each layer by itself, on the shapes that are known or can be computed; of several calls the greatest."""
    weights = proved.ordered_weights
    shapes: dict[Tensor, Shape | None] = {}
    bounds: dict[str, LayerBound] = {}
    for layer in layers:
        if layer["class_name"] == "InputLayer":
            shapes[layer["name"], 0, 0] = tuple(layer["config"]["batch_shape"][1:])
            continue
        form = layer if _is_function(layer) else _form(layer, proved.config)
        found = []
        for i, call in enumerate(layer["inbound_nodes"]):
            stated = _stated_shapes(call)
            known = [shapes.get(history) or stated.get(history) for history in histories(call)]
            bound = layer_bound({**form, "inbound_nodes": [call]}, known, weights)
            shapes[layer["name"], i, 0] = bound.shape
            found.append(bound)
        bounds[layer["name"]] = max(
            found, key=lambda bound: math.inf if bound.upper is None else bound.upper, default=_NOT_CALLED
        )
    return bounds


def _form(layer: Layer, proved: Mapping[str, Any]) -> Layer:
    """The layer of the same name in the model that is proved, which may be a model there."""
    parts = proved
    for name in layer["name"].split("/"):
        named = [part for part in parts["config"]["layers"] if part["config"]["name"] == name]
        if not named:
            return layer
        parts = named[0]
    config = {**parts["config"], "name": layer["name"]}
    return {**parts, "name": layer["name"], "config": config}


def _stated_shapes(value: Any) -> dict[Tensor, Shape]:
    """The shapes that a file states beside what a layer reads."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            shape = value["config"].get("shape")
            [history] = histories(value)
            return {history: tuple(shape[1:])} if shape and len(shape) > 1 else {}
        value = list(value.values())
    if not isinstance(value, (list, tuple)):
        return {}
    found: dict[Tensor, Shape] = {}
    for item in value:
        found |= _stated_shapes(item)
    return found


def _ordered(layers: Sequence[Layer]) -> list[Layer]:
    """The layers, each after those that its first call reads."""
    done: list[Layer] = []
    names: set[str] = set()
    left = list(layers)
    while left:
        ready = [
            layer for layer in left if all(n in names for n, _, _ in histories(layer["inbound_nodes"][:1]))
        ]
        if not ready:
            raise RefusedError(f"`{left[0]['name']}` reads what nothing computes")
        # One at a time keeps the order of the file where it can be kept.
        done.append(ready[0])
        names.add(ready[0]["name"])
        left.remove(ready[0])
    return done


def _is_function(layer: Layer) -> bool:
    return str(layer["module"]).startswith("keras.src.ops")


def _described(layer: Layer, model: Saved) -> Described:
    origin = model.origins.get(layer["name"])
    if origin is not None:
        return Described(layer["name"], origin["class_name"], origin["config"])
    return Described(layer["name"], str(layer["class_name"]), layer["config"])


def _audited(
    layer: Layer, bound: LayerBound, findings: list[Finding], model: Saved, stated: Mapping[Tensor, Shape]
) -> AuditedLayer:
    described = _described(layer, model)
    registered = layer.get("registered_name")
    known = layer["name"] in model.origins or registered is None
    kind = described.kind if known else str(registered).removeprefix("lipbuild>")
    kept = [_of_weights(finding, bound) for finding in findings if _holds(finding, bound)]
    claimed = _claimed(layer, described, model)
    if claimed is not None and bound.lower > claimed * _ROOM:
        rule = RULES["lipschitz-budget-exceeded"]
        kept.append(
            Finding(
                rule.code,
                rule.name,
                rule.severity.value,
                f"`{described.kind}` promises the constant {claimed:.6g}, and its kernel reaches {bound.lower:.6g}",
                "what was stated by that promise does not hold: divide by the constant that is proved here, or "
                "train again with lipbuild's layer of this name",
            )
        )
    shape = bound.shape or stated.get((layer["name"], 0, 0))
    return AuditedLayer(layer["name"], kind, shape, bound.upper, bound.lower, bound.reason, tuple(kept))


def _holds(finding: Finding, bound: LayerBound) -> bool:
    """Whether a rule has anything to say of trained weights: what is proved to be at most 1 is not a fault."""
    return not finding.code.startswith("LIP2") or bound.upper is None or bound.upper > _ROOM


def _of_weights(finding: Finding, bound: LayerBound) -> Finding:
    """What a rule says of a layer as it could be, with what it is."""
    if finding.rule not in _OF_ANY_WEIGHTS or bound.upper is None:
        return finding
    return replace(
        finding, message=f"{finding.message}; here it is at most {_UP.create_decimal(bound.upper):f}"
    )


def _claimed(layer: Layer, described: Described, model: Saved) -> float | None:
    """The constant that a layer of deel-lip or lipbuild promises for its linear part."""
    own = layer["name"] in model.origins or str(layer.get("registered_name")).startswith("lipbuild>")
    promised = described.config.get("k_coef_lip")
    if not own or not isinstance(promised, (int, float)):
        return None
    # Neurons that are held one by one promise nothing better of all together.
    neurons = described.config["units"] if described.config.get("disjoint_neurons") else 1
    return float(promised) * math.sqrt(neurons)


def _with_output_finding(audited: AuditedLayer, layer: Layer) -> AuditedLayer:
    activation = "softmax" if layer["class_name"] == "Softmax" else layer["config"].get("activation")
    if isinstance(activation, Mapping):
        # A function, by its name, or a layer.
        named = (
            activation.get("config")
            if activation.get("class_name") == "function"
            else activation["class_name"]
        )
        activation = str(named).lower()
    if activation not in _PROBABILITIES:
        return audited
    rule = RULES["output-activations"]
    finding = Finding(
        rule.code,
        rule.name,
        rule.severity.value,
        f"the network ends in `{activation}`, whose margins are smaller than those of the logits",
        "take the activation off before certifying radii",
    )
    return AuditedLayer(**{**vars(audited), "findings": (*audited.findings, finding)})


def _with_input_shape(model: Saved, shape: Sequence[int]) -> Saved:
    layers = []
    for layer in model.layers:
        if layer["class_name"] == "InputLayer":
            given = layer["config"]["batch_shape"]
            fits = given is None or (
                len(given) == len(shape) + 1 and all(a in (None, b) for a, b in zip(given[1:], shape))
            )
            if not fits:
                raise RefusedError(f"the model's input has the shape {tuple(given[1:])}, not {tuple(shape)}")
            layer = {**layer, "config": {**layer["config"], "batch_shape": [None, *shape]}}
        layers.append(layer)
    config = {**model.config, "config": {**model.config["config"], "layers": layers}}
    return Saved(config, model.weights, model.origins)
