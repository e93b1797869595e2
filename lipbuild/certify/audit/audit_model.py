from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, Context
from typing import Any

from lipbuild.certify.audit.audit import Audit, AuditedLayer
from lipbuild.certify.audit.finding import Finding
from lipbuild.certify.audit.layer_bound import LayerBound, Shape, layer_bound
from lipbuild.certify.audit.rule_findings import Described, rule_findings
from lipbuild.certify.certified_network import CertifiedNetwork
from lipbuild.certify.keras_config import network_of
from lipbuild.certify.saved.calls import Tensor, histories
from lipbuild.certify.saved.deel_lip import from_deel_lip, is_deel_lip
from lipbuild.certify.saved.functional import as_functional
from lipbuild.certify.saved.saved import Layer, Saved
from lipbuild.errors import RefusedError
from lipbuild.rules.registry import RULES

# What is shown as a constant above 1, or above what a layer promises: more than rounding makes of it.
_ROOM = 1.0 + 1e-6
_UP = Context(prec=7, rounding=ROUND_CEILING)
# Rules that speak of what training may make of a layer.
_OF_ANY_WEIGHTS = frozenset(
    {"plain-dense", "plain-convolutions", "batch-normalization", "standardized-inputs"}
)
_PROBABILITIES = frozenset({"softmax", "sigmoid"})


def audit_model(saved: Saved, input_shape: Sequence[int] | None = None) -> Audit:
    """Look at a saved model: a proved bound of each layer, what the rules say of it, and the whole.

    Args:
        saved: The model.
        input_shape: The shape of one sample, where the model leaves it open.

    Raises:
        RefusedError: The model's structure cannot be read, or `input_shape` does not fit it.
    """
    origin = "deel-lip" if is_deel_lip(saved) else ""
    model = as_functional(from_deel_lip(saved) if origin else saved)
    if input_shape is not None:
        model = _with_input_shape(model, input_shape)
    lipschitz, reason = _whole(model)
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
    bounds, stated = _bounds(layers, model), _stated_shapes([layer["inbound_nodes"] for layer in layers])
    audited = [
        _audited(layer, bounds[layer["name"]], findings.get(layer["name"], []), model, stated)
        for layer in parts
    ]
    if audited:
        audited[-1] = _with_output_finding(audited[-1], parts[-1])
    if reason and None in shape:
        reason = f"{reason}: give the shape of one sample with `--input-shape`"
    return Audit(tuple(audited), lipschitz, reason, origin)


def _whole(model: Saved) -> tuple[float | None, str]:
    try:
        certified = CertifiedNetwork.of(network_of(model.config, model.ordered_weights))
    except RefusedError as error:
        return None, error.message
    if not math.isfinite(certified.lipschitz):
        return None, "the constant is beyond float64"
    return certified.lipschitz, ""


def _bounds(layers: Sequence[Layer], model: Saved) -> dict[str, LayerBound]:
    """Each layer by itself, on the shapes that are known or can be computed."""
    weights = model.ordered_weights
    shapes: dict[Tensor, Shape | None] = {}
    bounds: dict[str, LayerBound] = {}
    for layer in layers:
        if layer["class_name"] == "InputLayer":
            shapes[layer["name"], 0, 0] = tuple(layer["config"]["batch_shape"][1:])
            continue
        # A layer that is called several times is looked at as it is called first.
        read = histories(layer["inbound_nodes"][:1])
        stated = _stated_shapes(layer["inbound_nodes"][:1])
        known = [shapes.get(history) or stated.get(history) for history in read]
        bound = layer_bound(layer, known, weights)
        bounds[layer["name"]] = bound
        for i in range(len(layer["inbound_nodes"])):
            shapes[layer["name"], i, 0] = bound.shape
    return bounds


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
    """Whether a rule has anything to say of trained weights: what is proved to be at most 1 is no fault."""
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
    activation = layer["config"].get("activation") if layer["class_name"] != "Softmax" else "softmax"
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
