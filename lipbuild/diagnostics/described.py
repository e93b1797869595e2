from __future__ import annotations

from typing import Protocol

from lipbuild.diagnostics.severity import Severity


class Described(Protocol):
    """What a format says of a rule."""

    @property
    def code(self) -> str:
        """Its stable code."""

    @property
    def name(self) -> str:
        """Its readable name."""

    @property
    def severity(self) -> Severity:
        """How much a finding weighs."""

    @property
    def summary(self) -> str:
        """One sentence."""

    @property
    def text(self) -> str:
        """Its documentation, in Markdown."""
