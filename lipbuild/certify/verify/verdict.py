"""What came of checking a certificate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """One statement that could not be re-proved.

    Args:
        where: the node, or the part of the certificate.
        message: what was found.
    """

    where: str
    message: str


@dataclass(frozen=True)
class Verdict:
    """The failures, and what was re-proved.

    Args:
        failures: none where the certificate holds.
        checked: what was re-proved, in words.
        unchecked: what this check did not look at, and the certificate does not state.
        noted: what the certificate states that nothing rests on, and that is not proved.
        conditions: what the certificate states and this check had to believe.
    """

    failures: tuple[Failure, ...]
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]
    noted: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    @property
    def status(self) -> int:
        """The exit status: 0 where it holds, 1 where it does not, 3 where it holds on conditions."""
        return 1 if self.failures else 3 if self.conditions else 0

    def summary(self) -> str:
        """Whether it holds, in words."""
        if self.failures:
            return "does not hold"
        return _printable(f"holds, if {', and '.join(self.conditions)}" if self.conditions else "holds")

    def lines(self) -> list[str]:
        """What is to be printed of it, but for whether it holds; nothing in a name of the files ends a line."""
        texts = [f"proved again: {text}" for text in self.checked]
        texts += [f"not looked at: {text}" for text in self.unchecked]
        texts += [f"stated, not proved: {text}" for text in self.noted]
        texts += [f"FAILED at {failure.where}: {failure.message}" for failure in self.failures]
        return [_printable(text) for text in texts]


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
