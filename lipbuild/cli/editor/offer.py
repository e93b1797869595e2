from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """One thing that may be written.

    Attributes:
        label: What is shown.
        text: What is written, `$1` where something is to be filled in.
        documentation: What it means.
        kind: What it is: a `layer` (or another name), a `key`, a `word`.
        start: Where the text starts that it replaces, up to the cursor; None where that is the word before it.
    """

    label: str
    text: str
    documentation: str
    kind: str
    start: int | None = None
