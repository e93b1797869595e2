from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Layer = dict[str, Any]
Stored = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Saved:
    """A saved model: its configuration and the weights of each layer by the keys that they are stored under.

    Attributes:
        config: What Keras writes as `config.json`.
        weights: For each layer's path, `outer/inner` within nested models, its weights by their keys.
        origins: For each layer that was translated from another package's, what it was there.
    """

    config: Mapping[str, Any]
    weights: Mapping[str, Stored]
    origins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def layers(self) -> list[Layer]:
        """The layers of the outermost model."""
        return list(self.config["config"]["layers"])

    @property
    def ordered_weights(self) -> dict[str, list[np.ndarray]]:
        """The weights of each layer in its order, as `network_of` takes them: those stored under numbers."""
        return {
            name: [stored[str(i)] for i in range(sum(key.isdigit() for key in stored))]
            for name, stored in self.weights.items()
        }
