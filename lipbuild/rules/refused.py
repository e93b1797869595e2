"""The layers that are refused by their names."""

from __future__ import annotations

from lipbuild.config.config import Config
from lipbuild.config.stack import LayerUse, layers_of
from lipbuild.network.specs.refused import REFUSED, Refused
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


def refusals(config: Config) -> list[Problem]:
    """What is said of every layer whose name some rule refuses."""
    return [
        refusal(use, REFUSED[use.kind])
        for use in layers_of(config.stack)
        if use.kind in REFUSED and not use.known and REFUSED[use.kind].rule != _BY_ITSELF
    ]


def refusal(use: LayerUse, refused: Refused) -> Problem:
    """What is said of a layer that is refused."""
    return Problem(
        refused.rule,
        f"`{use.kind}` {refused.why}",
        use.origin,
        notes=(refused.note,) if refused.note else (),
        help=refused.help,
        fix=_fix(use, refused),
    )


def _fix(use: LayerUse, refused: Refused) -> Fix | None:
    if refused.remedy == "remove":
        return remove(use)
    if refused.remedy != "rename":
        return None
    # A padding that Keras has where it is left out is written out.
    return rename(use, refused.instead, defaults={"padding": refused.padding} if refused.padding else None)
