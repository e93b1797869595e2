from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lipbuild.certifying.network import NetworkNode
from lipbuild.errors import RefusedError
from lipbuild.saved.readers.network_builder import NetworkBuilder, Shape

Weights = Sequence[np.ndarray]
Config = Mapping[str, Any]


@dataclass(frozen=True)
class LayerCall:
    """One call of a layer or a function, as it is saved.

    Args:
        name: Of the node that it becomes.
        inputs: The nodes that it reads.
        network: The network as far as it has been read, to which the call's nodes are added.
        config: The layer's arguments.
        reader_of: Finds the reader of a layer that is an argument of it, an activation.
        weights: The layer's weights, in its order.
        arguments: What it is called on, with None for each tensor and ("slice", start, stop, step) for a
            slice.
        weight_types: The types that its weights may have.
        built: What Keras builds the layer for when it loads it, as it is saved.
    """

    name: str
    inputs: tuple[str, ...]
    network: NetworkBuilder
    config: Config
    reader_of: ReaderOf
    weights: Weights = ()
    arguments: Any = ()
    weight_types: Collection[str] = ("float32",)
    built: Any = None

    def refused(self, reason: str) -> RefusedError:
        """The error that says why this layer is not certified."""
        return RefusedError(f"`{self.name}` {reason}")

    def node(
        self,
        kind: str,
        parameters: Mapping[str, Any] | None = None,
        arrays: Mapping[str, np.ndarray] | None = None,
        *,
        suffix: str = "",
        inputs: Sequence[str] | None = None,
    ) -> NetworkNode:
        """Add a node of this call; it reads what the call reads if nothing else is said."""
        name = f"{self.name}:{suffix}" if suffix else self.name
        return self.network.add(
            NetworkNode(name, kind, tuple(inputs or self.inputs), parameters or {}, arrays or {})
        )

    @property
    def before(self) -> Mapping[str, NetworkNode]:
        """The nodes that have been read, by name."""
        return self.network.nodes

    @property
    def shapes(self) -> Sequence[Shape]:
        """The shapes of the inputs, the batch axis left out."""
        return self.network.shapes_of(self.inputs)

    @property
    def shape(self) -> Shape:
        """The shape of the only input."""
        return self.shapes[0]


# Adds the nodes that a call comes to, and returns them; the last one is its result.
Reader = Callable[[LayerCall], list[NetworkNode]]
# By the name of a node for messages, and the layer as it is saved.
ReaderOf = Callable[[str, Config], Reader]
