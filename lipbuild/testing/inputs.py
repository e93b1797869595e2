"""Inputs of a layer under test: one shape, or a list of them for a layer with several."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

Shapes = Any


def as_list(shapes: Shapes) -> list[tuple[int, ...]]:
    """The shapes of all inputs, without the batch."""
    return list(shapes) if isinstance(shapes, list) else [tuple(shapes)]


def like(shapes: Shapes, values: list[Any]) -> Any:
    """Values for each input, in the form in which the layer is called."""
    return values if isinstance(shapes, list) else values[0]


def keras_inputs(shapes: Shapes) -> Any:
    """Symbolic inputs."""
    return like(shapes, [keras.Input(shape) for shape in as_list(shapes)])


def batched(shapes: Shapes, batch: int | None) -> Any:
    """The shapes with a batch."""
    return like(shapes, [(batch, *shape) for shape in as_list(shapes)])


def samples(shapes: Shapes, batch: int = 4, seed: int = 0) -> Any:
    """Standard normal inputs in float32."""
    rng = np.random.default_rng(seed)
    return like(shapes, [rng.normal(size=(batch, *shape)).astype("float32") for shape in as_list(shapes)])


def model_of(layer: Any, shapes: Shapes) -> keras.Model:
    """A functional model of the layer alone."""
    inputs = keras_inputs(shapes)
    return keras.Model(inputs, layer(inputs))


def plain_model_of(layer: Any, shapes: Shapes) -> keras.Model:
    """A functional model of the layer's plain form, with its present weights."""
    inputs = keras_inputs(shapes)
    return keras.Model(inputs, layer.plain_call(inputs))
