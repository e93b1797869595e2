"""The two interfaces of lipbuild's layers."""

from __future__ import annotations

import math
from typing import Any

import keras


def check_klip_factor(k_coef_lip: Any) -> float:
    """A Lipschitz factor as a float.

    Raises:
        ValueError: It is not a finite number above 0.
    """
    try:
        value = float(k_coef_lip)
    except (TypeError, ValueError):
        value = math.nan
    if isinstance(k_coef_lip, bool) or not math.isfinite(value) or value <= 0:
        raise ValueError(f"k_coef_lip must be a finite number above 0. Received: k_coef_lip={k_coef_lip!r}")
    return value


class LipschitzLayer:
    """A layer with a Lipschitz constant that is stated and can be set (L2 norms on both sides).

    Attributes:
        k_coef_lip: The factor asked for.
    """

    k_coef_lip: float = 1.0

    def set_klip_factor(self, klip_factor: float) -> None:
        """Set the Lipschitz factor.

        A function that Keras has compiled before holds the factor of then, so set it before training.

        Args:
            klip_factor: The new factor, finite and above 0.
        """
        self.k_coef_lip = check_klip_factor(klip_factor)

    def lipschitz_bound(self, input_shape: Any = None) -> float:
        """The Lipschitz constant that the layer states: an upper bound of its gain, in L2.

        Args:
            input_shape: Shape of the input with the batch axis first, needed where the constant depends on
                it.
        """
        return self.k_coef_lip

    def applied_kernels(self) -> dict[str, Any]:
        """The kernels of the layer's linear maps as they are applied, with all factors, by their names within it.

        A single kernel is named "". A layer without a constrained kernel has none.
        """
        return {}

    def plain_call(self, inputs: Any) -> Any:
        """The same function by built-in Keras layers and operations alone, with this layer's present weights.

        Args:
            inputs: A KerasTensor (or a list of them) with the shape of the layer's own input.

        Returns:
            The output KerasTensor. A model made of such calls saves and loads without lipbuild.
        """
        raise NotImplementedError(f"{type(self).__name__} has no plain form")

    def vanilla_export(self) -> Any:
        """A new built-in Keras layer or model with the same name, function and weights."""
        layer: Any = self
        inputs = [
            keras.Input(batch_shape=(None, *shape[1:]), dtype=dtype, name=f"{layer.name}_input_{i}")
            for i, (shape, dtype) in enumerate(inputs_of(layer))
        ]
        given = inputs if len(inputs) > 1 else inputs[0]
        return keras.Model(given, self.plain_call(given), name=layer.name)


def inputs_of(layer: Any) -> list[tuple[Any, Any]]:
    """Shapes and dtypes of a layer's inputs: those it was called on, or built for.

    Raises:
        ValueError: It is neither.
    """
    try:
        found = layer.input
    except AttributeError:
        found = None
    if found is not None:
        return [(x.shape, x.dtype) for x in keras.tree.flatten(found)]
    config = layer.get_build_config() if layer.built else None
    if not config or "input_shape" not in config:
        raise ValueError(f"Layer {layer.name!r} has to be built before it can be exported.")
    shapes = config["input_shape"]
    shapes = shapes if isinstance(shapes[0], (list, tuple)) else [shapes]
    return [(shape, layer.compute_dtype) for shape in shapes]


class Condensable:
    """A layer whose weights can be brought fully onto their constraint."""

    def condense(self) -> None:
        """Bring the weights fully onto their constraint. Doing it twice changes nothing."""
        raise NotImplementedError
