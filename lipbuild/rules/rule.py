from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field

from lipbuild.diagnostics.severity import Severity
from lipbuild.frozen import dataclass
from lipbuild.rules.context import Context
from lipbuild.text.problem import Problem

Check = Callable[[Context], Iterable[Problem]]


@dataclass(frozen=True)
class Rule:
    """One design rule of Lipschitz networks, or of the configs that describe them.

    Attributes:
        code: Its stable code.
        name: Its readable name; reads as "allow ⟨name⟩".
        severity: How much a finding weighs.
        text: What it does, why that is bad, an example and what to use instead, in Markdown.
        check: Finds what breaks it; None where the stage that reads the config reports it by itself.
        layers: The layers whose mere presence breaks it.
    """

    code: str
    name: str
    severity: Severity
    text: str
    check: Check | None = None
    layers: frozenset[str] = field(default=frozenset())

    @property
    def is_soundness(self) -> bool:
        """Whether it guards the constant that a certificate states."""
        return self.code.startswith("LIP2")

    @property
    def summary(self) -> str:
        """The first line of its text."""
        return self.text.strip().split("\n", 1)[0]
