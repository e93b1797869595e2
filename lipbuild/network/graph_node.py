"""One layer of a network: what it is, what it reads, its shape and its constants."""

from __future__ import annotations

from lipbuild.frozen import dataclass
from lipbuild.network.operations import Step
from lipbuild.network.shapes import Shape
from lipbuild.network.specs import LayerSpec
from lipbuild.text.origin import Origin

# The name of what the network reads.
INPUT = "input"


@dataclass(frozen=True)
class GraphNode:
    """One layer of the network.

    Attributes:
        name: Its name, unique in the graph.
        spec: What it is, its coefficient filled in.
        inputs: The names of the nodes that it reads; `input` is the network's input.
        input_shapes: Their shapes.
        shape: The shape that it makes, without the batch.
        parameters: The number of its trained weights.
        gain: Its own constant (L2); None for a merge, which has none apart from its inputs'.
        bound: The constant from the network's input up to here, rounded up.
        origin: Where it stands in what the network was read from.
        step: What its values change by where one value of what the first layer reads changes by 1; None where no layer
            promises anything of that.
    """

    name: str
    spec: LayerSpec
    inputs: tuple[str, ...]
    input_shapes: tuple[Shape, ...]
    shape: Shape
    parameters: int
    gain: float | None
    bound: float
    origin: Origin
    step: Step | None = None

    @property
    def kind(self) -> str:
        """The layer's name in a config."""
        return self.spec.kind
