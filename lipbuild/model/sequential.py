"""A stack of layers with one Lipschitz factor."""

from __future__ import annotations

import math
import warnings
from typing import Any

import keras

from lipbuild.layers.lipschitz_layer import Condensable, LipschitzLayer, check_klip_factor
from lipbuild.model.gains import gain, is_non_expansive, warning_for
from lipbuild.model.vanilla_model import vanillaModel


@keras.saving.register_keras_serializable(package="lipbuild")
class Sequential(LipschitzLayer, Condensable, keras.Sequential):
    """`keras.Sequential` with a Lipschitz factor for the whole: each of n Lipschitz layers gets `k^(1/n)`.

    Layers that are not Lipschitz-constrained and not known to be 1-Lipschitz are named in a warning; the
    factor does not hold with them, and `lipschitz_bound` says what does.

    Args:
        layers: The layers; a `Sequential` among them shares its part of the factor in the same way.
        name: As in `keras.Sequential`.
        k_coef_lip: The Lipschitz constant k of the whole.
        **kwargs: `trainable`.

    Raises:
        ValueError: k_coef_lip is not above 0.
    """

    def __init__(
        self, layers: Any = None, name: str | None = None, k_coef_lip: float = 1.0, **kwargs: Any
    ) -> None:
        check_klip_factor(k_coef_lip)
        super().__init__(layers=layers, name=name, **kwargs)
        self.set_klip_factor(k_coef_lip)

    def set_klip_factor(self, klip_factor: float) -> None:
        """Share a factor among the layers that are there now, and forget functions compiled with the old one.

        Args:
            klip_factor: The new factor, finite and above 0.
        """
        super().set_klip_factor(klip_factor)
        constrained = [layer for layer in self.layers if isinstance(layer, LipschitzLayer)]
        for layer in constrained:
            layer.set_klip_factor(math.pow(self.k_coef_lip, 1.0 / len(constrained)))
        for layer in self.layers:
            if not is_non_expansive(layer):
                warnings.warn(warning_for(layer, "Sequential model"), stacklevel=3)
        self.train_function = None
        self.test_function = None
        self.predict_function = None

    def lipschitz_bound(self, input_shape: Any = None) -> float:
        """The product of the layers' constants; infinity if one of them is not known."""
        bound = 1.0
        for layer in self.layers:
            value = gain(layer, input_shape)
            bound = math.inf if value is None else bound * value
            if input_shape is not None:
                input_shape = layer.compute_output_shape(input_shape)
        return bound

    def condense(self) -> None:
        """Bring the kernels of all layers, nested ones included, fully onto their manifolds."""
        for layer in self.layers:
            if isinstance(layer, Condensable):
                layer.condense()

    def vanilla_export(self) -> keras.Sequential:
        """The same function by built-in Keras layers alone, with copies of the weights."""
        return vanillaModel(self)

    def plain_call(self, inputs: Any) -> Any:
        """The layers' plain forms, one after the other."""
        for layer in self.layers:
            if isinstance(layer, LipschitzLayer):
                inputs = layer.plain_call(inputs)
            else:
                copy = layer.__class__.from_config(layer.get_config())
                inputs = copy(inputs)
                copy.set_weights(layer.get_weights())
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The layers, serialised, and the factor."""
        return {**super().get_config(), "k_coef_lip": self.k_coef_lip}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Sequential:
        """A model from its configuration, each layer with the factor that it had."""
        config = dict(config)
        k_coef_lip = config.pop("k_coef_lip", 1.0)
        model = super().from_config(config, custom_objects=custom_objects)
        model.k_coef_lip = check_klip_factor(k_coef_lip)
        return model
