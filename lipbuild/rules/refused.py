"""Layers that a rule refuses by their name, each with what to use instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lipbuild.config.stack import LayerUse, layers_of
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Check
from lipbuild.text.fix import Fix
from lipbuild.text.problem import Problem


@dataclass(frozen=True)
class Instead:
    """What to say of a refused layer.

    Attributes:
        why: Why it is refused, after its name: "has …".
        help: What to do.
        fix: Makes the change, where it is one of the text alone.
        note: The reason behind the reason: the formula or the number.
    """

    why: str
    help: str
    fix: Callable[[LayerUse], Fix | None] | None = None
    note: str = ""


def refuse(rule: str, layers: Mapping[str, Instead]) -> Check:
    """A check that reports every layer of these names."""

    def check(context: Context) -> list[Problem]:
        return [
            _problem(rule, use, layers[use.kind])
            for use in layers_of(context.config.stack)
            if use.kind in layers and not use.known
        ]

    return check


def _problem(rule: str, use: LayerUse, instead: Instead) -> Problem:
    return Problem(
        rule,
        f"`{use.kind}` {instead.why}",
        use.origin,
        notes=(instead.note,) if instead.note else (),
        help=instead.help,
        fix=instead.fix(use) if instead.fix is not None else None,
    )
