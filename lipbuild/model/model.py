"""A graph of layers that can be condensed and exported."""

from __future__ import annotations

import warnings
from typing import Any

import keras

from lipbuild.callbacks.condense_callback import condensable_layers
from lipbuild.model.gains import is_non_expansive, warning_for
from lipbuild.model.vanilla_model import vanillaModel


@keras.saving.register_keras_serializable(package="lipbuild")
class Model(keras.Model):
    """`keras.Model` with `condense` and `vanilla_export`.

    It has no Lipschitz factor of its own, as branches and merges decide how those of its layers combine.
    Layers that are neither constrained nor known to be 1-Lipschitz are named in a warning.

    Args:
        *args: As in `keras.Model`.
        **kwargs: As in `keras.Model`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for layer in self.layers:
            if not is_non_expansive(layer):
                warnings.warn(warning_for(layer, "Model"), stacklevel=3)

    def condense(self) -> None:
        """Bring the kernels of all layers, nested ones included, fully onto their manifolds."""
        for layer in condensable_layers(self):
            layer.condense()

    def vanilla_export(self) -> keras.Model:
        """The same function by built-in Keras layers alone, with copies of the weights."""
        return vanillaModel(self)
