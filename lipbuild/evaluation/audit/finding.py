from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """What a design rule says of one layer of a trained model.

    Attributes:
        code: The rule's stable code.
        rule: Its name; `lipbuild rules NAME` explains it.
        severity: `error`, `warning` or `remark`.
        message: What is wrong: lower case, no full stop.
        help: What to do.
    """

    code: str
    rule: str
    severity: str
    message: str
    help: str = ""

    def as_json(self) -> dict[str, Any]:
        """As `lipbuild audit --format json` writes it."""
        return {
            "code": self.code,
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "help": self.help,
        }
