from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One way in which the network of a config differs from the model that it was made from.

    Attributes:
        layer: The layer's name.
        what: What was done.
        why: Why.
        rule: The name of the rule that asks for it; empty where none does.
    """

    layer: str
    what: str
    why: str
    rule: str = ""
