from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

# `recorded` is what is written down and proved by nothing; `missing` what no command has made yet.
Status = Literal["holds", "conditional", "recorded", "missing", "broken"]


@dataclass(frozen=True)
class Claim:
    """A link of the chain.

    Attributes:
        name: What it is about.
        says: What it claims.
        status: Whether it holds.
        proof: What was looked at, a sentence each; where it is broken first of all why.
        assumptions: What must be true besides, and is not looked at.
        command: What checks it again.
        digests: The SHA-256 of each file, or folder, by its name.
        rests_on: The names of the links that it follows from.
    """

    name: str
    says: str
    status: Status
    command: str
    proof: Sequence[str] = ()
    assumptions: Sequence[str] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    rests_on: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """The claim as JSON values."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }


def digests(*files: Path) -> dict[str, str]:
    """The SHA-256 of those files that are there, by their names."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}
