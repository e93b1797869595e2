"""From a saved model to the text of a config, every change listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lipbuild._version import __version__
from lipbuild.config.dump import flow
from lipbuild.importing.change import Change
from lipbuild.importing.replace import Layers, replaced
from lipbuild.importing.saved_graph import SavedGraph
from lipbuild.importing.translate import TranslatedLayer, translate
from lipbuild.rules.check import Checked, check
from lipbuild.rules.layers import CheckedLayers, check_layers
from lipbuild.text.text import SourceText


@dataclass(frozen=True)
class Converted:
    """A config made from a model.

    Attributes:
        text: Its text.
        checked: What the rules say of it.
        translated: Its layers as they were before the rules' fixes.
        changes: How its network differs from the model.
    """

    text: str
    checked: Checked
    translated: Layers
    changes: tuple[Change, ...]


def convert(
    graph: SavedGraph,
    origin: str,
    name: str,
    *,
    coefficients: Mapping[str, float] | None = None,
) -> Converted:
    """Write the config of a saved model, and let the rules replace what has no constant.

    The fixes are those of `lipbuild check --unsafe-fixes` for errors of soundness. What only costs accuracy, a
    ReLU, is kept.

    Args:
        graph: The saved model.
        origin: What it is called, for the comment at the head.
        name: The network's name.
        coefficients: The `k_coef_lip` of layers whose weights are kept as they are. The network then promises what
            its layers come to, and 1 where there are none.

    Raises:
        RefusedError: A layer has its channels first.
    """
    translation = translate(graph, coefficients)

    promised = None if coefficients else 1.0

    def check_all(layers: Layers) -> CheckedLayers:
        parts = [(layer.kind, layer.arguments, layer.place) for layer in layers]
        return check_layers(parts, graph.input_shape, outputs=translation.outputs, lipschitz=promised)

    translated = tuple(translation.layers)
    layers, changes, network = replaced(translated, check_all)
    if promised is None:
        promised = network.bound if network is not None else 1.0
    text = _text(graph, layers, translation.outputs, origin, name, promised)
    checked = check(SourceText(f"{name}.yaml", text))
    return Converted(text, checked, translated, (*translation.changes, *changes))


def _text(
    graph: SavedGraph, layers: Layers, outputs: list[str] | None, origin: str, name: str, lipschitz: float
) -> str:
    lines = [
        f"# Imported from {origin} by lipbuild {__version__}.",
        "# Add `data:` and `train:` to train it; `lipbuild init` shows how.",
        f"name: {flow(name)}",
        "seed: 0",
        "",
        "model:",
        f"  lipschitz: {flow(lipschitz)}",
        f"  input: {flow(list(graph.input_shape))}",
        "  layers:",
        *(f"    - {_line(layer)}" for layer in layers),
    ]
    if outputs is not None:
        lines.append(f"  outputs: {flow(outputs)}")
    return "\n".join(lines) + "\n"


def _line(layer: TranslatedLayer) -> str:
    kind = flow(layer.kind)
    return f"{kind}: {flow(dict(layer.arguments))}" if layer.arguments else kind
