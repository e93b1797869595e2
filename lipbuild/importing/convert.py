"""From a saved model to the text of a config, every change listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lipbuild._version import __version__
from lipbuild.config.dump import flow
from lipbuild.importing.change import Change
from lipbuild.importing.head import Head
from lipbuild.importing.replace import Layers, replaced
from lipbuild.importing.saved_graph import SavedGraph
from lipbuild.importing.translate import translate
from lipbuild.network.shapes import Shape
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
    head: Head,
    input_shape: Shape,
    origin: str,
    name: str,
    *,
    coefficients: Mapping[str, float] | None = None,
    keeps_weights: bool = False,
) -> Converted:
    """Write the config of a saved model, and let the rules replace what has no constant.

    The fixes are those of `lipbuild check --unsafe-fixes` for errors of soundness. What only costs accuracy, a
    ReLU, is kept.

    Args:
        head: The saved model: what it does to its input first, and the rest of it.
        input_shape: The shape of one sample.
        origin: What it is called, for the comment at the head.
        name: The network's name.
        coefficients: The `k_coef_lip` of layers whose weights are kept as they are. The network then promises what
            its layers come to, and 1 where there are none.
        keeps_weights: Whether what takes a layer's place is to hold its weights.

    Raises:
        RefusedError: A layer has its channels first.
    """
    graph = head.graph
    translation = translate(graph, coefficients)
    promised = None if coefficients else 1.0

    def check_all(layers: Layers) -> CheckedLayers:
        return check_layers(
            layers,
            graph.input_shape,
            outputs=translation.outputs,
            lipschitz=promised,
            keeps_weights=keeps_weights,
        )

    translated = tuple(translation.layers)
    layers, changes, network = replaced(translated, check_all)
    if promised is None:
        promised = network.bound if network is not None else 1.0
    changes = (*head.changes, *translation.changes, *changes)
    lines = [
        *_first_lines(head, origin, name),
        "model:",
        f"  lipschitz: {flow(promised)}",
        f"  input: {flow(list(input_shape))}",
        "  layers:",
        *_layers(graph, layers, changes),
    ]
    if translation.outputs is not None:
        lines.append(f"  outputs: {flow(translation.outputs)}")
    text = "\n".join([*lines, *_data(head)]) + "\n"
    checked = check(SourceText(f"{name}.yaml", text))
    return Converted(text, checked, translated, changes)


def _first_lines(head: Head, origin: str, name: str) -> list[str]:
    todo = "Name a `source` under `data:` and add `train:`" if _has_data(head) else "Add `data:` and `train:`"
    return [
        _comment(f"Imported from {origin} by lipbuild {__version__}."),
        f"# {todo} to train it; `lipbuild init` shows how.",
        f"name: {flow(name)}",
        "seed: 0",
        "",
    ]


def _layers(graph: SavedGraph, layers: Layers, changes: Sequence[Change]) -> list[str]:
    """The layers, before each of them what of it, and of those that stood before it, is gone."""
    gone: dict[str, list[str]] = {}
    for change in changes:
        if change.dropped:
            gone.setdefault(change.layer, []).append(f"    {_gone(change)}")
    waiting = [layer.name for layer in graph.layers]
    # What stood before the layers and has no other place.
    lines = [line for name, found in gone.items() if name not in waiting for line in found]
    for layer in layers:
        saved = layer.place.layer
        while saved in waiting:
            lines += gone.pop(waiting.pop(0), [])
        lines.append(f"    - {_named(layer.kind, layer.arguments)}")
    return lines + [line for name in waiting for line in gone.get(name, [])]


def _data(head: Head) -> list[str]:
    """The `data` section; none where there is nothing for it."""
    if not _has_data(head):
        return []
    lines = ["", "data:", "  source: none # name yours here: `csv`, `npz`, `image_folder`, …"]
    for key, steps in (("preprocess", head.preprocess), ("augment", head.augment)):
        if steps:
            lines += [f"  {key}:", *(f"    - {_named(*item)}" for step in steps for item in step.items())]
    return lines


def _has_data(head: Head) -> bool:
    return bool(head.preprocess or head.augment)


def _gone(change: Change) -> str:
    why = f" [{change.rule}]" if change.rule else f": {change.why}"
    return _comment(f"{change.layer}: {change.what}{why}")


def _comment(text: str) -> str:
    """A comment of one line, whatever a model calls its layers."""
    return f"# {''.join(character if character.isprintable() else '?' for character in text)}"


def _named(kind: str, arguments: Mapping[str, Any]) -> str:
    return f"{flow(kind)}: {flow(dict(arguments))}" if arguments else flow(kind)
