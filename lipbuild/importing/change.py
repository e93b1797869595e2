from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One way in which a config differs from the model that it was made from.

    Attributes:
        layer: The layer's name.
        what: What became of it.
        why: Why.
        rule: The name of the rule that asks for it; empty where none does.
        kind: What the layer was: the name of its class.
        option: The argument concerned; empty if it is the whole layer.
        dropped: Whether nothing in the config takes its place.
    """

    layer: str
    what: str
    why: str
    rule: str = ""
    kind: str = ""
    option: str = ""
    dropped: bool = False
