from __future__ import annotations

from lipbuild.config.config import Config
from lipbuild.frozen import dataclass
from lipbuild.network.graph import Graph
from lipbuild.text.load import Loaded


@dataclass(frozen=True)
class Context:
    """What a rule looks at: a config in each of the forms that it could be brought into.

    Attributes:
        loaded: Its text as a tree.
        config: What it says, typed.
        graph: Its network with shapes and constants; None where it has none.
        refused: The layers that some rule refuses by name: known to be unsound, rather than unknown.
        keeps_weights: Whether what takes a layer's place is to hold its trained weights.
    """

    loaded: Loaded
    config: Config
    graph: Graph | None
    refused: frozenset[str]
    keeps_weights: bool = False
