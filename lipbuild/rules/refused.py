"""Layers that a rule refuses by their name, each with what to use instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lipbuild.rules.context import Context
from lipbuild.rules.rule import Check
from lipbuild.source.problem import Problem
from lipbuild.spec.stack import layers_of


@dataclass(frozen=True)
class Instead:
    """What to say of a refused layer.

    Attributes:
        why: Why it is refused, after its name: "has …".
        help: What to do.
    """

    why: str
    help: str


def refuse(rule: str, layers: Mapping[str, Instead]) -> Check:
    """A check that reports every layer of these names."""

    def check(context: Context) -> list[Problem]:
        return [
            Problem(
                rule,
                f"`{use.kind}` {layers[use.kind].why}",
                use.span,
                label="refused",
                help=layers[use.kind].help,
            )
            for use in layers_of(context.config.stack)
            if use.kind in layers and not use.known
        ]

    return check
