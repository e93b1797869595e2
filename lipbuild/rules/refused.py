"""The layers that are refused by their names."""

from __future__ import annotations

from lipbuild.config.stack import LayerUse, layers_of
from lipbuild.network.specs.refused import REFUSED, Refused
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import remove, rename
from lipbuild.text.fix import Fix
from lipbuild.text.problem import Problem

# The layers that some rule refuses by name: known to be unsound, rather than unknown.
REFUSED_LAYERS = frozenset(REFUSED)

# The rule that says of each layer by itself why it is refused.
_BY_ITSELF = "expansive-activations"


def refused_by(rule: str) -> frozenset[str]:
    """The layers that a rule refuses."""
    return frozenset(name for name, refused in REFUSED.items() if refused.rule == rule)


def refusals(context: Context) -> list[Problem]:
    """What is said of every layer whose name some rule refuses."""
    uses = [
        use
        for use in layers_of(context.config.stack)
        if use.kind in REFUSED and not use.known and REFUSED[use.kind].rule != _BY_ITSELF
    ]
    if context.keeps_weights or all(len(REFUSED[use.kind].instead) < 2 for use in uses):
        return [refusal(use, REFUSED[use.kind]) for use in uses]
    from lipbuild.rules.substitutes import substitutes

    choice = substitutes(context.config)
    return [refusal(use, REFUSED[use.kind], choice.get(use.origin, -1)) for use in uses]


def refusal(use: LayerUse, refused: Refused, number: int = -1) -> Problem:
    """What is said of a layer that is refused.

    Args:
        use: The layer.
        refused: Why it is refused.
        number: Which of its substitutes it gets; the last one where left out.
    """
    fix = _fix(use, refused, number)
    if fix is None and refused.remedy == "rename":
        # What is written in another way may still be renamed.
        number = -1
        fix = _fix(use, refused, number)
    return Problem(
        refused.rule,
        f"`{use.kind}` {refused.why}",
        use.origin,
        notes=(refused.note,) if refused.note else (),
        help=refused.help or f"use {refused.instead[number].help}" if refused.instead else refused.help,
        fix=fix,
    )


def _fix(use: LayerUse, refused: Refused, number: int) -> Fix | None:
    if refused.remedy == "remove":
        return remove(use)
    return rename(use, refused.instead[number]) if refused.remedy == "rename" else None
