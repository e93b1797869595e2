"""The weights of a written file, found among its constants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import RefusedError

# How far a weight kept in fewer bits may be from the model's, over the largest of its array.
_ROUNDING = 2.0**-6
# What the product of two float32 numbers may be off by.
_PRODUCT = 2.0**-22

Array = NDArray[np.floating[Any]]
Factor = NDArray[np.float64]
_ONE: Factor = np.ones(1)


@dataclass(frozen=True)
class ReadBack:
    """A weight as a file has it, in the layout of the Keras layer.

    Attributes:
        values: Its numbers; float64 where they had to be divided by a factor.
        same: Whether every bit is the model's.
    """

    values: Array
    same: bool


def read_back(
    plain: keras.Model, constants: Sequence[Array], needed: Sequence[str], *, rounds: bool = False
) -> dict[str, ReadBack]:
    """The weights of a plain model among the constants of the file that was made of it.

    Converters lay kernels out in their own order, and some multiply a constant factor of the network
    (a `Rescaling`) into the kernel beside it. The kernel is then what the file holds over that factor, rounded
    away from zero, so that the file's product is no more than the factor times it.

    Args:
        plain: The model that was written.
        constants: All constant arrays of the file.
        needed: The weights that have to be found, by their paths.
        rounds: Whether the file keeps weights in fewer bits.

    Returns:
        The weights by their paths. One that is not `needed` and not found is left out.

    Raises:
        RefusedError: A needed weight is not in the file.
    """
    factors = _factors(plain)
    by_size: dict[int, list[Array]] = {}
    for constant in constants:
        by_size.setdefault(constant.size, []).append(constant)
    found: dict[str, ReadBack] = {}
    for weight in plain.weights:
        value = np.asarray(weight)
        match = _find(value, by_size.get(value.size, []), factors, rounds)
        if match is not None:
            found[weight.path] = match
        elif weight.path in needed:
            raise RefusedError(
                f"the weight `{weight.path}` is not among those of the exported file: nothing was exported",
                "the converter has changed it; use another format",
            )
    return found


def _find(
    weight: Array, constants: Sequence[Array], factors: Sequence[Factor], rounds: bool
) -> ReadBack | None:
    laid_out = [layout for constant in constants for layout in _layouts(constant, weight.shape)]
    for layout in laid_out:
        if layout.dtype == weight.dtype and np.array_equal(layout, weight):
            return ReadBack(layout, True)
    fitting = [f for factor in factors for f in _along(factor, weight.shape)]
    if not rounds:
        return next((r for layout in laid_out if (r := _over_factor(layout, weight, fitting))), None)
    nearest = [(_distance(layout, weight * f), f, layout) for layout in laid_out for f in (_ONE, *fitting)]
    distance, factor, layout = min(nearest, key=lambda item: item[0], default=(np.inf, _ONE, weight))
    if not distance <= _ROUNDING:
        return None
    values = np.asarray(layout, np.float64)
    return ReadBack(values if factor is _ONE else _divided(values, factor), False)


def _layouts(constant: Array, shape: tuple[int, ...]) -> list[Array]:
    """The orders of a constant's axes that have the shape of the weight; axes of length 1 count for nothing."""
    squeezed = tuple(n for n in shape if n > 1)
    plain = constant.reshape([n for n in constant.shape if n > 1])
    if plain.ndim != len(squeezed):
        return []
    return [
        plain.transpose(order).reshape(shape)
        for order in permutations(range(plain.ndim))
        if tuple(plain.shape[i] for i in order) == squeezed
    ]


def _along(factor: Factor, shape: tuple[int, ...]) -> list[Factor]:
    """A factor as it can stand beside a kernel: a number, or one a number of the inputs or of the outputs."""
    if factor.size == 1:
        return [factor]
    inputs = [factor[:, np.newaxis]] if len(shape) > 1 and shape[-2] == factor.size else []
    return [*inputs, factor] if shape and shape[-1] == factor.size else inputs


def _over_factor(constant: Array, weight: Array, factors: Sequence[Factor]) -> ReadBack | None:
    values, wanted = np.asarray(constant, np.float64), np.asarray(weight, np.float64)
    for factor in factors:
        product = factor * wanted
        if np.all(np.abs(values - product) <= _PRODUCT * np.abs(product) + 2.0**-126):
            return ReadBack(_divided(values, factor), False)
    return None


def _divided(values: NDArray[np.float64], factor: Factor) -> NDArray[np.float64]:
    """Values over a factor, rounded away from zero: factor · result is at least the values, entry by entry."""
    return np.asarray(values / factor * (1.0 + 2.0**-40), np.float64)


def _distance(layout: Array, wanted: Array) -> float:
    largest = float(np.max(np.abs(wanted), initial=0.0))
    difference = float(np.max(np.abs(np.asarray(layout, np.float64) - wanted), initial=0.0))
    return difference / largest if largest else difference


def _factors(plain: keras.Model) -> list[Factor]:
    """−1, the factors of the model's `Rescaling`s as the float32 numbers that they are, and products of two."""
    single = {(-1.0,)}
    for layer in plain.layers:
        if isinstance(layer, keras.layers.Rescaling):
            scale = np.asarray(layer.scale, np.float32).astype(np.float64)
            if scale.ndim < 2 and np.all(scale != 0.0) and not np.all(scale == 1.0):
                single.add(tuple(scale.reshape(-1).tolist()))
    ordered = [np.array(factor) for factor in sorted(single)]
    pairs = [
        a * b for i, a in enumerate(ordered) for b in ordered[i:] if a.size == b.size or 1 in (a.size, b.size)
    ]
    return [*ordered, *pairs]


def same_everywhere(found: Mapping[str, ReadBack], plain: keras.Model) -> bool:
    """Whether a file holds every weight of a model bit for bit."""
    return all(w.path in found and found[w.path].same for w in plain.weights)
