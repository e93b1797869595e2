"""From a saved model to the text of a config, every change listed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lipbuild._version import __version__
from lipbuild.config.dump import flow
from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.severity import Severity
from lipbuild.importing.change import Change
from lipbuild.importing.saved_graph import SavedGraph
from lipbuild.importing.translate import TranslatedLayer, Translation, text_of, translate
from lipbuild.rules.check import Checked
from lipbuild.rules.fix import fix
from lipbuild.rules.registry import RULES
from lipbuild.text.text import SourceText

# The design rules alone: a class that is unknown is not one of a similar name.
_DESIGN = [name for name, rule in RULES.items() if rule.is_soundness and rule.severity is Severity.ERROR]
# A promise that hardly any network breaks.
_ANY = 1e6
_KEY = re.compile(r"[{ ]([a-z_]+): $")
_NAME = re.compile(r"name: ([A-Za-z0-9_.-]+)")


@dataclass(frozen=True)
class Converted:
    """A config made from a model.

    Attributes:
        text: Its text.
        checked: What the rules say of it.
        entries: Its layers as they were before the rules' fixes.
        changes: How its network differs from the model.
    """

    text: str
    checked: Checked
    entries: tuple[TranslatedLayer, ...]
    changes: tuple[Change, ...]


def convert(
    graph: SavedGraph,
    origin: str,
    name: str,
    *,
    coefficients: Mapping[str, float] | None = None,
    lipschitz: float = 1.0,
) -> Converted:
    """Write the config of a saved model, and let the rules replace what has no constant.

    The fixes are those of `lipbuild check --unsafe-fixes` for errors of soundness. What only costs accuracy, a
    ReLU, is kept.

    Args:
        graph: The saved model.
        origin: What it is called, for the comment at the head.
        name: The network's name.
        coefficients: The `k_coef_lip` of layers whose weights are kept as they are.
        lipschitz: The constant that the network promises.

    Raises:
        RefusedError: A layer has its channels first.
    """
    translation = translate(graph, coefficients)
    written = SourceText(f"{name}.yaml", _text(graph, translation, origin, name, lipschitz))
    fixed = fix(written, unsafe=True, rules=_DESIGN)
    changes = [*translation.changes, *(_change(found) for found in fixed.made)]
    return Converted(fixed.source.text, fixed.checked, tuple(translation.entries), tuple(changes))


def convert_kept(graph: SavedGraph, origin: str, name: str, coefficients: Mapping[str, float]) -> Converted:
    """The config of a model whose weights are kept: it promises what they come to.

    Args:
        graph: The saved model.
        origin: What it is called, for the comment at the head.
        name: The network's name.
        coefficients: The `k_coef_lip` of layers whose weights are kept as they are.
    """
    if not coefficients:
        return convert(graph, origin, name)
    tried = convert(graph, origin, name, coefficients=coefficients, lipschitz=_ANY)
    bound = tried.checked.graph.bound if tried.checked.graph is not None else 1.0
    return convert(graph, origin, name, coefficients=coefficients, lipschitz=bound)


def _text(graph: SavedGraph, translation: Translation, origin: str, name: str, lipschitz: float) -> str:
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
        *(f"    - {line}" for line in text_of(translation.entries)),
    ]
    if translation.outputs is not None:
        lines.append(f"  outputs: {flow(translation.outputs)}")
    return "\n".join(lines) + "\n"


def _change(found: Diagnostic) -> Change:
    """What a fix did, under the name that stands on its line."""
    assert found.fix is not None
    source = found.span.source
    line, _ = source.position(found.span.start)
    name = _NAME.search(source.line(line))
    what = found.fix.message.replace("replace ", "", 1).replace("` by `", "` replaced by `", 1)
    what = f"{what.removeprefix('remove ')} removed" if what.startswith("remove ") else what
    key = _KEY.search(source.text[source.line_start(line) : found.fix.edits[0].span.start])
    what = f"`{key[1]}`: {what}" if key is not None else what
    return Change(name[1] if name is not None else f"line {line}", what, found.message, found.rule)
