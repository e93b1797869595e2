"""A model without any class of lipbuild."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.lipschitz_layer import LipschitzLayer


def _vanilla_layer(layer: Any) -> Any:
    if isinstance(layer, keras.Model):
        return vanillaModel(layer)
    if isinstance(layer, LipschitzLayer) or hasattr(layer, "vanilla_export"):
        return layer.vanilla_export()
    copy = layer.__class__.from_config(layer.get_config())
    if layer.built and layer.weights:
        shapes = layer.get_build_config()
        copy.build_from_config(shapes)
        copy.set_weights(layer.get_weights())
    return copy


def vanillaModel(model: keras.Model) -> keras.Model:  # noqa: N802 (deel-lip's name)
    """The same function by built-in Keras layers alone, with copies of the weights.

    Each of lipbuild's layers becomes what its `vanilla_export` gives: SpectralDense a Dense, GroupSort2 a
    small model of a split, a maximum and a minimum. What results saves and loads without lipbuild. Nested
    models are converted too.

    Args:
        model: a built Sequential or functional model, of Keras or of lipbuild.

    Returns:
        A `keras.Sequential` or `keras.Model` that shares nothing with the given one.

    Raises:
        ValueError: the model is not built, or it is a subclass with a `call` of its own.
    """
    if isinstance(model, keras.Sequential):
        if not model.built:
            raise ValueError(f"Model {model.name!r} has to be built before it can be exported.")
        layers = [_vanilla_layer(layer) for layer in model.layers]
        if getattr(model, "inputs", None):
            first = model.inputs[0]
            layers.insert(0, keras.Input(batch_shape=first.shape, dtype=first.dtype, name=first.name))
        return keras.Sequential(layers, name=model.name)
    if not getattr(model, "inputs", None):
        raise ValueError(
            f"Model {model.name!r} is no Sequential or functional model, so it cannot be exported."
        )
    clone = keras.models.clone_model(model, clone_function=_vanilla_layer)
    return keras.Model(clone._inputs_struct, clone._outputs_struct, name=model.name)
