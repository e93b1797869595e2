from __future__ import annotations

from dataclasses import field
from typing import NamedTuple

from lipbuild.frozen import dataclass
from lipbuild.text.fix import Fix
from lipbuild.text.origin import Origin
from lipbuild.text.span import Span


class Related(NamedTuple):
    """Another place that a problem has to do with, and what is to be seen there."""

    origin: Origin
    label: str

    @property
    def span(self) -> Span:
        """The place in its text."""
        return _span(self.origin)


@dataclass(frozen=True)
class Problem:
    """Something found wrong while a config was read, before it is known how it will be shown.

    The stages that read a config (source, spec) report problems; the rules give each its code and its
    severity, and make a diagnostic of it.

    Attributes:
        rule: The readable name of the rule that it breaks.
        message: What is wrong: lower case, no full stop.
        origin: Where it stands; in a text the smallest stretch that is wrong.
        label: A few words beside the carets.
        related: Other places that it has to do with.
        notes: What else one has to know.
        help: What to do.
        fix: The change of the text that mends it, where there is one.
        reason: Why a comment of the config silences it, in the comment's words; empty where none does.
    """

    rule: str
    message: str
    origin: Origin
    label: str = ""
    related: tuple[Related, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())
    help: str = ""
    fix: Fix | None = None
    reason: str = ""

    @property
    def span(self) -> Span:
        """Where it stands in its text."""
        return _span(self.origin)


def _span(origin: Origin) -> Span:
    assert isinstance(origin, Span), "what was not read from a text has no place in one"
    return origin
