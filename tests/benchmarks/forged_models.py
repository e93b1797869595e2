"""The small models whose certificates `forge_certificates` forges: each kind of operation is in one of them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.certifying.stated_columns import Move
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.errors import RefusedError
from lipbuild.saved.archive import read_archive
from lipbuild.saved.certify import certify

Weights = Mapping[str, Sequence[np.ndarray]]


@dataclass(frozen=True, eq=False)
class Original:
    """A model with a certificate that holds.

    Attributes:
        name: what it shows.
        config: the configuration.
        weights: by the names of the layers.
        statement: the certificate.
        x: samples.
        y: labels.
        model: the model of Keras; None where float32 underflows, so that Keras computes 0.
    """

    name: str
    config: dict[str, Any]
    weights: Weights
    statement: dict[str, Any]
    x: np.ndarray
    y: np.ndarray
    model: Any

    @cached_property
    def text(self) -> str:
        """The certificate as JSON."""
        return json.dumps(self.statement)


def originals(seed: int = 0, names: Sequence[str] = ()) -> list[Original]:
    """All models, or those of the names; none that this version cannot read."""
    import keras

    found = []
    for name, (shape, build, semantics, with_samples) in MODELS.items():
        if names and name not in names:
            continue
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        inputs = keras.Input(shape)
        model = keras.Model(inputs, build(keras, inputs))
        rng = np.random.default_rng(seed)
        for variable in model.trainable_variables:
            # Biases and slopes are 0 or alike when a model is new.
            variable.assign(variable + 0.3 * rng.standard_normal(variable.shape))
        x = rng.standard_normal((4, *shape)).astype(np.float32)
        y = rng.integers(0, model.output_shape[-1], len(x))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model.keras")
            model.save(path)
            try:
                config, weights = read_archive(path)
                data: dict[str, Any] = {"inputs": x, "labels": y} if with_samples else {}
                if len(shape) == 1 and len(model.output_shape) == 2:
                    data["columns"] = [Move(f"c{i}", (i,)) for i in range(shape[0])]
                    data["tolerances"] = [Tolerance("c0", 0, 1e-3), Tolerance("c1", 1, 2.0)]
                statement = certify(config, weights, semantics=semantics, **data)
            except RefusedError as error:
                print(f"{name} is left out: {error}")
                continue
        if with_samples:
            statement["predicate"]["attacks"] = [{"sample": 1, "distance": (1e3).hex()}]
        served = None if name in NOT_SERVED else model
        found.append(Original(name, config, weights, statement, x, y, served))
    return found


def _dense(keras: Any, x: Any) -> Any:
    x = keras.layers.Dense(4, activation="relu")(x)
    return keras.layers.Dense(3)(keras.layers.Dense(4, activation="relu")(x))


def _single(keras: Any, x: Any) -> Any:
    x = keras.layers.LeakyReLU(0.3)(keras.layers.Dense(3)(x))
    return keras.layers.Dense(1)(keras.layers.Rescaling(0.5, offset=0.25)(x))


def _convolution(keras: Any, x: Any) -> Any:
    x = keras.layers.Conv2D(3, 3, padding="same", activation="relu")(x)
    x = keras.layers.Conv2D(2, 2, strides=2)(x)
    return keras.layers.Dense(3)(keras.layers.Flatten()(x))


def _transposed(keras: Any, x: Any) -> Any:
    layers = keras.layers
    x = layers.ReLU()(layers.Conv2DTranspose(2, 3, strides=2, padding="same")(x))
    x = layers.DepthwiseConv2D(2, depth_multiplier=2)(x)
    x = layers.SeparableConv2D(2, 2, padding="same")(x)
    x = layers.Conv2D(4, 3, padding="same", groups=2, dilation_rate=2)(x)
    return layers.Dense(2)(layers.GlobalMaxPooling2D()(x))


def _pooling(keras: Any, x: Any) -> Any:
    layers = keras.layers
    x = layers.MaxPooling2D(3, strides=2, padding="same")(layers.ZeroPadding2D(1)(x))
    x = layers.AveragePooling2D(2, strides=1, padding="same")(layers.UpSampling2D(2)(x))
    x = layers.AveragePooling2D(2)(layers.Cropping2D(1)(x))
    return layers.Dense(3)(layers.GlobalAveragePooling2D()(x))


def _residual(keras: Any, x: Any) -> Any:
    layers = keras.layers
    kernel = np.random.default_rng(1).standard_normal((4, 5))
    into, back = layers.Dense(5), layers.Dense(4, use_bias=False)
    y = back(keras.ops.relu(into(x)))
    into.set_weights([kernel, np.zeros(5)])
    back.set_weights([kernel.T / np.linalg.norm(kernel, 2) ** 2])
    into.trainable = back.trainable = False
    x = layers.Subtract()([x, y])
    return layers.Dense(3)(layers.Dense(3)(layers.Dense(4)(x)))


def _residual_convolution(keras: Any, x: Any) -> Any:
    layers = keras.layers
    kernel = 0.2 * np.random.default_rng(1).standard_normal((3, 3, 2, 3))
    into = layers.Conv2D(3, 3, padding="same")
    back = layers.Conv2DTranspose(2, 3, padding="same", use_bias=False)
    y = back(layers.ReLU()(into(x)))
    into.set_weights([kernel, np.zeros(3)])
    back.set_weights([kernel])
    into.trainable = back.trainable = False
    return layers.Dense(2)(layers.Flatten()(layers.Subtract()([x, y])))


def _merges(keras: Any, x: Any) -> Any:
    layers = keras.layers
    a, b = x[:, ::2], x[:, 1::2]
    x = layers.Concatenate()([keras.ops.maximum(a, b), keras.ops.minimum(a, b)])
    a, b = x[:, :3], x[:, 3:]
    x = layers.Concatenate()([layers.Dense(2)(a), layers.Dense(3)(b)])
    y, z = layers.Dense(5)(x), layers.Dense(5, activation="tanh")(x)
    x = layers.Average()([layers.Add()([x, y]), layers.Subtract()([y, z])])
    return layers.Dense(3)(layers.Maximum()([x, layers.Minimum()([y, z])]))


def _functions(keras: Any, x: Any) -> Any:
    layers = keras.layers
    x = layers.PReLU("random_uniform")(layers.BatchNormalization()(layers.Dense(4)(x)))
    for name in ("elu", "softplus", "sigmoid", "hard_silu", "gelu", "selu"):
        x = layers.Activation(name)(layers.Rescaling(2.0, offset=-0.5)(x))
    x = layers.Normalization(mean=[0.1, 0.2, 0.3, 0.1], variance=[0.01, 0.02, 0.04, 0.01])(x)
    x = layers.Softmax()(layers.ReLU(3.0, 0.25)(x))
    return layers.Dense(2)(x)


def _shared(keras: Any, x: Any) -> Any:
    shared = keras.layers.Dense(4, activation="relu")
    return keras.layers.Dense(3)(keras.layers.Add()([shared(shared(x)), x]))


def _nested(keras: Any, x: Any) -> Any:
    inputs = keras.Input(x.shape[1:])
    inner = keras.Model(inputs, keras.layers.Dense(4, activation="relu")(inputs))
    return keras.layers.Dense(2)(inner(inner(x)))


def _same_bytes(keras: Any, x: Any) -> Any:
    """Two kernels of the same numbers in other shapes, whose norms are far apart."""
    layers = keras.layers
    a = layers.Conv2D(9, 1, padding="same", use_bias=False, name="a", trainable=False)
    b = layers.Conv2D(1, 3, padding="same", use_bias=False, name="b", trainable=False)
    x = layers.Concatenate()([a(x), b(x)])
    a.set_weights([np.full((1, 1, 1, 9), 1 / 3, np.float32)])
    b.set_weights([np.full((3, 3, 1, 1), 1 / 3, np.float32)])
    return layers.Dense(2)(layers.GlobalAveragePooling2D()(x))


def _sequence(keras: Any, x: Any) -> Any:
    layers = keras.layers
    x = layers.Permute((2, 1))(layers.Conv1D(3, 2, padding="causal", activation="relu")(x))
    x = layers.ReLU()(layers.Conv1D(2, 2, strides=2, padding="same")(x))
    return layers.Dense(3)(layers.Reshape((4,))(x))


def _far(keras: Any, x: Any) -> Any:
    """Gains near the ends of float32, whose product is beyond it."""
    layers = [
        keras.layers.Dense(2, use_bias=False, activation="relu", trainable=False, name=f"far_{i}")
        for i in range(6)
    ]
    for layer, scale in zip(layers, (1e30, 1e30, 1e-30, 1e30, 1e-35, 1e-20), strict=True):
        x = layer(x)
        layer.set_weights([np.array([[1.0, 0.5], [-0.5, 0.25]], np.float32) * np.float32(scale)])
    return keras.layers.Dense(2)(x)


def _far_and_back(keras: Any, x: Any) -> Any:
    """Values whose squares are beyond float64 on the way, in a network of constant 1."""
    for i, scale in enumerate([1e-37] * 6 + [1e37] * 6):
        layer = keras.layers.Dense(2, use_bias=False, trainable=False, name=f"back_{i}")
        x = layer(x)
        layer.set_weights([np.array([[0.6, -0.8], [0.8, 0.6]], np.float32) * np.float32(scale)])
        if i in (5, 11):
            x = keras.layers.ReLU()(x)
    return x


NOT_SERVED = ("far and back",)

Builder = Callable[[Any, Any], Any]
# The shape of a sample, the layers, the semantics of the radii, and whether there are any.
MODELS: dict[str, tuple[tuple[int, ...], Builder, Any, bool]] = {
    "dense": ((4,), _dense, "real", True),
    "dense in float32": ((4,), _dense, "float32", True),
    "dense without samples": ((4,), _dense, "real", False),
    "single output": ((3,), _single, "float32", True),
    "convolution": ((4, 4, 2), _convolution, "guarded", True),
    "transposed": ((3, 3, 2), _transposed, "real", True),
    "pooling": ((4, 4, 2), _pooling, "float32", True),
    "residual block": ((4,), _residual, "real", True),
    "residual block of convolutions": ((3, 3, 2), _residual_convolution, "real", True),
    "merges": ((6,), _merges, "real", True),
    "functions": ((4,), _functions, "real", True),
    "shared layer": ((4,), _shared, "guarded", True),
    "nested model": ((4,), _nested, "real", True),
    "same bytes": ((5, 5, 1), _same_bytes, "real", True),
    "sequence": ((4, 2), _sequence, "real", True),
    "far": ((2,), _far, "real", True),
    "far and back": ((2,), _far_and_back, "real", True),
}
