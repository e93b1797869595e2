from __future__ import annotations

from enum import Enum

from lipbuild.frozen import dataclass
from lipbuild.text.edit import Edit


class Applicability(Enum):
    """How far a fix may be trusted.

    A safe fix means what the config meant; an unsafe one is most likely right and changes what the network
    computes; a display fix only shows the way.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True)
class Fix:
    """A change of the text that mends a problem.

    Attributes:
        message: What it does, as an order: "replace `Dense` by `SpectralDense`".
        edits: The edits, none overlapping another, all of one text.
        applicability: How far it may be trusted.
    """

    message: str
    edits: tuple[Edit, ...]
    applicability: Applicability = Applicability.SAFE
