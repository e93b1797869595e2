"""The design rules of configs, applied to the layers of a trained model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.evaluation.audit.finding import Finding
from lipbuild.network.specs import LAYERS
from lipbuild.network.specs.refused import REFUSED
from lipbuild.rules.check import check
from lipbuild.text.text import SourceText

# Rules about how a config is trained, or about what it promises.
_LEFT_OUT = frozenset(
    {
        *("lipschitz-budget-exceeded", "lipschitz-budget-mismatch"),
        *("few-iterations", "single-output-spectral", "output-activations"),
    }
)


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

    The layers are written down as a config and checked as one. The rules about the whole network are asked of
    it as it would be once the advice about each layer has been followed.

    Args:
        layers: The layers, without the input.
        input_shape: The shape of one sample.
        chain: Whether each reads the one before; only then the network as a whole is looked at.

    Returns:
        The findings by the names of the layers.
    """
    found = _checked([(layer.name, line) for layer in layers for line in _lines(layer)], input_shape, "LIP2")
    advised = _advised(layers) if chain else None
    if advised is not None:
        for name, more in _checked(advised, input_shape, "LIP3").items():
            found.setdefault(name, []).extend(more)
    return found


def _checked(
    lines: Sequence[tuple[str, str]], input_shape: Sequence[int | None], codes: str
) -> dict[str, list[Finding]]:
    shape = json.dumps(list(input_shape))
    head = ["model:", "  lipschitz: 1000000.0", f"  input: {shape}", "  layers:"]
    text = "\n".join([*head, *(f"    - {line}" for _, line in lines)]) + "\n"
    found: dict[str, list[Finding]] = {}
    for diagnostic in check(SourceText("model", text)).diagnostics:
        if not diagnostic.code.startswith(codes) or diagnostic.rule in _LEFT_OUT:
            continue
        line, _ = diagnostic.span.source.position(diagnostic.span.start)
        index = line - len(head) - 1
        if 0 <= index < len(lines):
            finding = _finding(diagnostic, lines, len(head))
            own = found.setdefault(lines[index][0], [])
            if finding not in own:
                own.append(finding)
    return found


def _finding(diagnostic: Diagnostic, lines: Sequence[tuple[str, str]], before: int) -> Finding:
    # The text that was checked is nobody's file: where it points to another layer, that is called by its name.
    message = diagnostic.message
    for related in diagnostic.related:
        line, _ = related.span.source.position(related.span.start)
        index = line - before - 1
        if 0 <= index < len(lines):
            name, text = lines[index]
            kind = re.search(r"\w+", text)
            message = message.replace(f"`{kind[0]}`", f"`{name}`") if kind is not None else message
    return Finding(diagnostic.code, diagnostic.rule, diagnostic.severity.value, message, diagnostic.help)


def _lines(layer: Described) -> list[str]:
    """A layer as a line of a config, and its activation as another one."""
    lines = [_line(layer.kind, layer.config)]
    activation = _activation(layer)
    return lines if activation is None else [*lines, activation]


def _activation(layer: Described) -> str | None:
    """The activation of a layer as a line, whether it is a function or a layer; None where there is none."""
    activation = layer.config.get("activation")
    if isinstance(activation, Mapping) and activation.get("class_name") == "function":
        activation = activation.get("config")
    if isinstance(activation, Mapping):
        inner = activation.get("config")
        return _line(str(activation.get("class_name")), inner if isinstance(inner, Mapping) else {})
    if layer.kind == "Activation" or activation in (None, "linear"):
        return None
    return _line("Activation", {"activation": str(activation)})


def _line(kind: str, config: Mapping[str, Any]) -> str:
    if kind not in LAYERS:
        return json.dumps(kind)
    fields = set(LAYERS[kind].model_fields) - {"name", "inputs"}
    arguments = {
        key: value
        for key, value in config.items()
        if key in fields and isinstance(value, (bool, int, float, str, list))
    }
    return json.dumps({kind: arguments}) if arguments else json.dumps(kind)


def _advised(layers: Sequence[Described]) -> list[tuple[str, str]] | None:
    """The layers after the advice about each has been followed; None where there is one without an advice."""
    lines = []
    for layer in layers:
        refused = REFUSED.get(layer.kind)
        if refused is not None and refused.is_passed_over:
            continue
        kind = (refused.instead if refused is not None else "") or layer.kind
        if kind not in LAYERS:
            return None
        # A layer as another one's activation stands behind it; a function is among the arguments.
        inner = _activation(layer) if isinstance(layer.config.get("activation"), Mapping) else None
        lines += [(layer.name, line) for line in (_line(kind, layer.config), inner) if line is not None]
    return lines
