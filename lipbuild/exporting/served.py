from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras

from lipbuild.network.graph_node import INPUT


@dataclass(frozen=True)
class Served:
    """A network as it is served: built-in Keras layers alone, its outputs named.

    Attributes:
        model: The plain Keras model, with one output tensor or a mapping of names to tensors.
        outputs: The names of its outputs.
        exact: The paths of weights that no format may round: constants of a radius.
    """

    model: keras.Model
    outputs: tuple[str, ...]
    exact: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The model's name."""
        return str(self.model.name)

    @property
    def input(self) -> str:
        """The name of its input."""
        return INPUT

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape of a batch; its size is free."""
        return (None, *self.model.inputs[0].shape[1:])

    @property
    def alone(self) -> bool:
        """Whether there is one output, which then needs no name."""
        return not isinstance(self.model.output, dict) and len(self.outputs) == 1

    def named(self, outputs: Any) -> dict[str, Any]:
        """What the model returned, by its outputs' names."""
        if isinstance(outputs, dict):
            return {name: outputs[name] for name in self.outputs}
        if isinstance(outputs, (list, tuple)):
            return dict(zip(self.outputs, outputs))
        return {self.outputs[0]: outputs}
