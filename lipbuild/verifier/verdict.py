"""What came of checking a certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any


@dataclass(frozen=True)
class Failure:
    """One statement that could not be re-proved.

    Args:
        where: The node, or the part of the certificate.
        message: What was found.
    """

    where: str
    message: str


@dataclass(frozen=True)
class Verdict:
    """The failures, and what was re-proved.

    Args:
        failures: None where the certificate holds.
        checked: What was re-proved, in words.
        unchecked: What this check did not look at, and the certificate does not state.
        noted: What the certificate states that nothing rests on, and that is not proved.
        believed: What must be true for the certificate to hold, and could not be proved.
        fields: For each field of the certificate by its JSON pointer whether it was `proved` again from the weights
            and the data, `checked` against them or against what may stand there, or is only `stated`.
    """

    failures: tuple[Failure, ...]
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]
    noted: tuple[str, ...] = ()
    believed: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    @property
    def status(self) -> int:
        """The exit status: 0 where it holds, 1 where it does not, 3 where it holds if what is named is true."""
        return 1 if self.failures else 3 if self.believed else 0

    @property
    def conclusion(self) -> str:
        """The verdict in words."""
        if self.failures:
            return "does not hold"
        looked_at = ", as far as it was looked at" if self.unchecked else ""
        return _printable("holds" + looked_at + ", if ".join(["", *self.believed]))

    def beside(self, other: Verdict) -> Verdict:
        """This one, and what another check of the same file has found; of a field it says what this one does."""
        # What the other has looked at is no open question.
        unchecked = tuple(item for item in self.unchecked if "says of itself" not in item)
        return Verdict(
            (*self.failures, *(one for one in other.failures if one not in self.failures)),
            _joined(self.checked, other.checked),
            _joined(unchecked, other.unchecked),
            _joined(self.noted, other.noted),
            _joined(self.believed, other.believed),
            self.fields,
        )

    def lines(self) -> list[str]:
        """What is to be printed of it before its conclusion; nothing in a name of the files ends a line."""
        texts = [f"proved again: {text}" for text in self.checked]
        texts += [f"not looked at: {text}" for text in self.unchecked]
        texts += [f"believed: {text}" for text in self.believed]
        texts += [f"stated, not proved: {text}" for text in self.noted]
        texts += [f"FAILED at {failure.where}: {failure.message}" for failure in self.failures]
        return [_printable(text) for text in texts]

    def _repr_html_(self) -> str:
        """The verdict as a notebook shows it."""
        return f"<pre>{escape(chr(10).join([self.conclusion, *self.lines()]))}</pre>"

    def as_json(self) -> dict[str, Any]:
        """As `--format json` prints it."""
        return {
            "format": "lipbuild.verdict",
            "version": 1,
            "verdict": self.conclusion,
            "status": self.status,
            "failures": [asdict(failure) for failure in self.failures],
            "checked": list(self.checked),
            "unchecked": list(self.unchecked),
            "believed": list(self.believed),
            "noted": list(self.noted),
            "fields": dict(self.fields),
        }


def _joined(texts: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return (*texts, *(text for text in others if text not in texts))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
