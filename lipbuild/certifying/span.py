from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lipbuild.certifying.bounds.bound import Bound


@dataclass(frozen=True)
class NetworkSpan:
    """A proved constant of what lies between two nodes, where their own constants would say less.

    Args:
        source: The node that the part of the network reads.
        target: Its last node, which depends on the input through `source` alone.
        bound: The constant from the one to the other.
        parts: The norms that the argument rests on, by name.
    """

    source: str
    target: str
    bound: Bound
    parts: Mapping[str, Bound] = field(default_factory=dict)
