"""Whether the network that is certified is what Keras computes."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lipbuild.certifying.composition import shapes_of
from lipbuild.certifying.inference import forward
from lipbuild.certifying.network import Network
from lipbuild.certifying.operations import OPERATIONS
from lipbuild.errors import RefusedError

if TYPE_CHECKING:
    import keras

Array = NDArray[np.float64]

# How far outputs may differ, relative to the largest of them: float64 has digits down to 1e-16.
_DIFFERENCE = 1e-9
_SCALES = (1e-3, 1.0, 1e3)
_MOST_ROWS = 8
_IN_XLA = ("Pooling3D", "Conv3D", "Conv3DTranspose")
# Values of the largest layer and products of all layers, for all rows together: some seconds, and little memory.
_MOST_VALUES, _MOST_PRODUCTS = 2**22, 2e10
# By how much rounding may exceed what moving each value by its last digit makes of the outputs.
_ROOM_OF_NOISE = 1000.0


def check_agreement(model: keras.Model | Path, network: Network, samples: ArrayLike | None = None) -> None:
    """Compare a network with the Keras model that it was read from, both in float64.

    They are compared on some of the samples and on normal inputs of the sizes 1e-3, 1 and 1e3, and have to agree to
    1e-9 of the largest output. Where rounding in float64 itself makes more of a difference, as where large numbers
    cancel, that much is allowed: it is measured by moving each value of the network by its last digit.

    Args:
        model: A model of built-in layers, or its file.
        network: What was read of it.
        samples: (samples, *input shape), data that the model is used on.

    Raises:
        RefusedError: They differ, a weight is not finite, or Keras cannot compute the model in float64.
    """
    for node in network.nodes:
        if not all(np.isfinite(array).all() for array in node.arrays.values()):
            raise RefusedError(f"`{node.name}`: a weight is NaN or infinite: no Lipschitz constant")
    twin = _in_float64(model)
    compared = False
    for what, x in _inputs(network, samples):
        # What overflows in both is left out below.
        with np.errstate(all="ignore"):
            ours, theirs = forward(network, x), _outputs(twin, x)
        if ours.shape != theirs.shape:
            raise _disagreement(f"has outputs of the shape {ours.shape[1:]}, and Keras {theirs.shape[1:]}")
        finite = np.isfinite(theirs)
        if not np.array_equal(finite, np.isfinite(ours)):
            raise _disagreement(f"has other finite outputs than Keras on {what}")
        if not finite.all():
            continue
        compared = True
        size, difference = (float(np.max(np.abs(part), initial=0.0)) for part in (theirs, ours - theirs))
        if difference > _DIFFERENCE * size and difference > _ROOM_OF_NOISE * _noise(network, x, ours):
            raise _disagreement(
                f"differs from Keras by {difference:.3g} on {what}, where the largest output is {size:.3g}"
            )
    if not compared:
        raise RefusedError("the model has no finite outputs in float64 that could be compared with Keras's")


def _disagreement(what: str) -> RefusedError:
    return RefusedError(
        f"the network that was read of the model {what}, both in float64: it is not certified",
        "the model uses a layer in a way that lipbuild reads wrongly: please report it",
    )


def _in_float64(model: keras.Model | Path) -> keras.Model:
    from lipbuild.saved.load_model import load_model
    from lipbuild.utils.in_float64 import in_float64

    loaded = load_model(model) if isinstance(model, Path) else model
    try:
        return in_float64(loaded)
    # What Keras raises of a configuration is of any kind.
    except Exception as error:
        raise _not_computed(error) from None


def _outputs(twin: keras.Model, x: Array) -> Array:
    import tensorflow as tf

    compute = functools.partial(twin, training=False)
    # In three dimensions TensorFlow's own float64 has no average pooling, and some strides go wrong in its
    # convolutions. XLA has both.
    layers = twin._flatten_layers(include_self=False)
    if any(type(layer).__name__.endswith(_IN_XLA) for layer in layers):
        compute = tf.function(compute, jit_compile=True)
    try:
        return np.asarray(compute(x), np.float64)
    except Exception as error:
        raise _not_computed(error) from None


def _not_computed(error: Exception) -> RefusedError:
    reason = str(error).strip().split("\n", 1)[0]
    return RefusedError(
        f"Keras cannot compute the model in float64, so that it cannot be compared: {reason:.200}"
    )


def _inputs(network: Network, samples: ArrayLike | None) -> Iterator[tuple[str, Array]]:
    """Batches to compare on, and what they are."""
    shape = tuple(network.nodes[0].parameters["shape"])
    shapes = shapes_of(network)
    largest = max(math.prod(part) for part in shapes.values())
    products = sum(
        array.size * math.prod(shapes[node.name][:-1])
        for node in network.nodes
        for array in node.arrays.values()
    )
    rows = max(1, min(_MOST_ROWS, _MOST_VALUES // max(largest, 1), int(_MOST_PRODUCTS / max(products, 1))))
    rng = np.random.default_rng(0)
    for scale in _SCALES:
        yield f"normal inputs of the size {scale:g}", scale * rng.standard_normal((rows, *shape))
    # Data of another shape has no radii, and is refused with them.
    if samples is not None and len(given := np.asarray(samples)) and given.shape[1:] == shape:
        chosen = np.unique(np.linspace(0, len(given) - 1, rows).astype(np.int64))
        yield f"{len(chosen)} of the samples", given[chosen].astype(np.float64)


def _noise(network: Network, x: Array, outputs: Array) -> float:
    """The largest difference that rounding makes to the outputs, from three trials."""
    rng = np.random.default_rng(0)
    largest = 0.0
    for _ in range(3):
        values = {network.nodes[0].name: x}
        for node in network.nodes[1:]:
            read = [values[name] for name in node.inputs]
            moved = [
                value + rng.choice([-1.0, 1.0], value.shape) * np.spacing(np.abs(value)) for value in read
            ]
            values[node.name] = OPERATIONS[node.kind].forward(node, moved)
        largest = max(largest, float(np.max(np.abs(values[network.output] - outputs), initial=0.0)))
    return largest
