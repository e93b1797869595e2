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
        unchecked: what the certificate states and this check could not look at.
        noted: what the certificate states that nothing rests on, and that is not proved.
    """

    failures: tuple[Failure, ...]
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]
    noted: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    def lines(self) -> list[str]:
        """What is to be printed of it, but for whether it holds; nothing in a name of the files ends a line."""
        texts = [f"proved again: {text}" for text in self.checked]
        texts += [f"not looked at: {text}" for text in self.unchecked]
        texts += [f"stated, not proved: {text}" for text in self.noted]
        texts += [f"FAILED at {failure.where}: {failure.message}" for failure in self.failures]
        return ["".join(c if c.isprintable() else ascii(c)[1:-1] for c in text) for text in texts]
