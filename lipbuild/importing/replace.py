"""The rules' fixes, made on the layers of a model: what has no constant is replaced, each change listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lipbuild.config.layer_fix import LayerFix
from lipbuild.diagnostics.severity import Severity
from lipbuild.importing.change import Change
from lipbuild.importing.translate import TranslatedLayer
from lipbuild.network.graph import Graph
from lipbuild.rules.layers import CheckedLayers
from lipbuild.rules.registry import RULES
from lipbuild.text.origin import Origin, SavedPlace
from lipbuild.text.problem import Problem

# The design rules alone: a class that is unknown is not one of a similar name.
_DESIGN = frozenset(
    name for name, rule in RULES.items() if rule.is_soundness and rule.severity is Severity.ERROR
)
# A fix may bring up a finding that has a fix of its own; no model needs as many rounds.
_MAX_ROUNDS = 20

Layers = tuple[TranslatedLayer, ...]
Check = Callable[[Layers], CheckedLayers]


class Replaced(NamedTuple):
    """Layers after the fixes of the rules.

    Attributes:
        layers: The layers.
        changes: What was changed, in the order in which it was.
        graph: Their network; None where an error is left.
    """

    layers: Layers
    changes: tuple[Change, ...]
    graph: Graph | None


def replaced(layers: Layers, check: Check) -> Replaced:
    """The layers after every fix for an error of soundness, again and again until there is none.

    As with the fixes of a text, a round is kept only where no more is wrong after it than before. Otherwise its fixes
    are tried one by one.

    Args:
        layers: The layers, each at a place of its own.
        check: Applies the rules to layers.
    """
    changes: list[Change] = []
    checked = check(layers)
    for _ in range(_MAX_ROUNDS):
        fixable = [p for p in checked.problems if p.rule in _DESIGN and isinstance(p.fix, LayerFix)]
        if not fixable:
            break
        for chosen in [_together(layers, fixable), *([problem] for problem in fixable)]:
            after = _apply(layers, chosen)
            left = check(after)
            # The last layer stays.
            if after and _weight(left.problems) <= _weight(checked.problems):
                changes += (_change(layers, problem) for problem in chosen)
                layers, checked = after, left
                break
        else:
            break
    return Replaced(layers, tuple(changes), checked.graph)


def _together(layers: Layers, problems: Sequence[Problem]) -> list[Problem]:
    """Those whose fixes can be made at once: one a layer, and of neighbours that are to go every other one."""
    places = _places(layers)
    chosen: dict[int, Problem] = {}
    for problem in problems:
        index = places[problem.origin]
        before = chosen.get(index - 1)
        if index not in chosen and not (_removes(problem) and before is not None and _removes(before)):
            chosen[index] = problem
    return list(chosen.values())


def _removes(problem: Problem) -> bool:
    return isinstance(problem.fix, LayerFix) and problem.fix.rewrite.removed


def _apply(layers: Layers, problems: Sequence[Problem]) -> Layers:
    """The layers after fixes, of which no two are of one layer."""
    places = _places(layers)
    fixes = {places[problem.origin]: problem.fix for problem in problems}
    made: list[TranslatedLayer] = []
    for index, layer in enumerate(layers):
        fix = fixes.get(index)
        made += layer.rewritten(fix.rewrite) if isinstance(fix, LayerFix) else [layer]
    return tuple(made)


def _places(layers: Layers) -> dict[Origin, int]:
    """The position of the layer for each place of one, or of an argument of one."""
    return {
        place: index
        for index, layer in enumerate(layers)
        for place in (layer.place, *map(layer.place.inside, layer.arguments))
    }


def _weight(problems: Sequence[Problem]) -> tuple[int, ...]:
    """How much is wrong: errors, warnings, remarks."""
    return tuple(sum(RULES[p.rule].severity is severity for p in problems) for severity in Severity)


def _change(layers: Layers, problem: Problem) -> Change:
    """What a fix does to a layer."""
    fix = problem.fix
    assert isinstance(fix, LayerFix)
    what = fix.message.replace("replace ", "", 1).replace("` by `", "` replaced by `", 1)
    what = f"{what.removeprefix('remove ')} removed" if fix.rewrite.removed else what
    if not fix.rewrite.kind:
        what = "".join(f"`{name}`: " for name, _ in fix.rewrite.arguments) + what
    layer = layers[_places(layers)[problem.origin]]
    option = problem.origin.argument if isinstance(problem.origin, SavedPlace) else ""
    return Change(
        *(layer.name, what, problem.message, problem.rule, layer.kind),
        option=option,
        dropped=fix.rewrite.removed,
    )
