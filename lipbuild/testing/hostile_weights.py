"""Weights that a training had better not lead to, each brought back as an optimizer would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Shape = tuple[int, ...]


def _one_dominant_value(shape: Shape) -> np.ndarray:
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=(int(np.prod(shape[:-1])), 1)), rng.normal(size=(1, shape[-1]))
    spike = 1e6 * (u @ v) / np.linalg.norm(u) / np.linalg.norm(v)
    return rng.normal(size=shape) + spike.reshape(shape)


HOSTILE: dict[str, Callable[[Shape], np.ndarray]] = {
    "zeros": np.zeros,
    "rank 1": np.ones,
    "one singular value of 1e6": _one_dominant_value,
    "entries of 1e20": lambda shape: 1e20 * np.random.default_rng(0).normal(size=shape),
    "entries of 1e-15": lambda shape: 1e-15 * np.random.default_rng(0).normal(size=shape),
}


def kernels(layer: Any) -> list[Any]:
    """The trained weights that are matrices, or that have a constraint of their own."""
    return [
        weight
        for weight in layer.trainable_weights
        if (len(weight.shape) > 1 and weight.name != "bias")
        or (weight.constraint is not None and len(weight.shape) > 0)
    ]


def assign(layer: Any, values: Callable[[Shape], np.ndarray]) -> None:
    """Give all kernels of a layer such values, and apply their constraints, as follows an optimizer's update."""
    for weight in kernels(layer):
        weight.assign(values(tuple(weight.shape)).astype("float32"))
        if weight.constraint is not None:
            weight.assign(weight.constraint(weight))


def hostile_states(layer: Any) -> Iterator[str]:
    """Bring a layer into one hostile state after the other, and give its name."""
    for name, values in HOSTILE.items():
        assign(layer, values)
        yield name
