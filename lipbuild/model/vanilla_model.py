"""A model without any class of lipbuild."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.lipschitz_layer import LipschitzLayer, inputs_of


def _vanilla_layer(layer: Any) -> Any:
    if isinstance(layer, keras.Model):
        return vanillaModel(layer)
    if isinstance(layer, LipschitzLayer) or hasattr(layer, "vanilla_export"):
        return layer.vanilla_export()
    if isinstance(getattr(layer, "activation", None), LipschitzLayer):
        return _with_activation(layer)
    return _copy(layer, layer.get_config())


def _copy(layer: Any, config: dict[str, Any]) -> Any:
    copy = layer.__class__.from_config(config)
    if layer.built and layer.weights:
        copy.build_from_config(layer.get_build_config())
        # The weights of a layer inside it come after its own.
        copy.set_weights(layer.get_weights()[: len(copy.weights)])
    return copy


def _with_activation(layer: Any) -> keras.Model:
    """A layer of Keras whose activation is one of lipbuild: the layer by itself, then the plain form of that."""
    ((shape, dtype),) = inputs_of(layer)
    inputs = keras.Input(batch_shape=(None, *shape[1:]), dtype=dtype, name=f"{layer.name}_input_0")
    outputs = _copy(layer, {**layer.get_config(), "activation": None})(inputs)
    return keras.Model(inputs, layer.activation.plain_call(outputs), name=layer.name)


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
        ValueError: The model is not built, or it is a subclass with a `call` of its own.
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
            f"Model {model.name!r} is not a Sequential or functional model, so it cannot be exported."
        )
    # A copy is of its model's class, and lipbuild's warns of the layers of Keras that take the place of its own.
    whole = keras.Model(model.input, model.output, name=model.name)
    clone = keras.models.clone_model(whole, clone_function=_vanilla_layer)
    return keras.Model(clone.input, clone.output, name=model.name)
