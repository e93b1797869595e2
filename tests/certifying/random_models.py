"""Random Keras models of every layer that is certified, with all options, and of some that are refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from lipbuild.certifying.operations.functions import FUNCTIONS

Random = np.random.Generator
Layer = Callable[[Any], Any]

SHAPES = [
    (5,),
    (8,),
    (1,),
    (6, 2),
    (7, 1),
    (5, 3),
    (4, 4),
    (4, 4, 2),
    (5, 6, 1),
    (6, 6, 3),
    (3, 4, 3, 1),
    (4, 3, 4, 2),
]
_REFUSED = ["exponential", "hard_shrink", "log_softmax", "sparsemax"]
# Numbers of a layer's result, beyond which nothing is put on top of it.
_MOST = 160


@dataclass(frozen=True)
class RandomModel:
    """A model and what is known of it.

    Attributes:
        model: The model, in float32.
        label: The kind of its layer; empty where it has several.
        refused: Whether nothing may be certified of it: it has several inputs or outputs.
    """

    model: keras.Model
    label: str = ""
    refused: bool = False


def random_model(rng: Random) -> RandomModel:
    """A random model with random weights.

    Args:
        rng: Where all choices come from.

    Raises:
        Exception: Whatever Keras says of options that do not fit.
    """
    shape = SHAPES[rng.integers(len(SHAPES))]
    x = inputs = keras.Input(shape)
    kind = rng.random()
    label, refused = "", False
    if kind < 0.5:
        label, layer = _layer(rng, x)
        outputs = layer(x)
    elif kind < 0.53:
        other = keras.Input(shape)
        outputs = layers.Add()([_chain(rng, x, 1), _chain(rng, x, 0), other][:: rng.choice([1, -1])])
        refused, inputs = True, [inputs, other]
    elif kind < 0.56:
        refused, outputs = True, [_chain(rng, x, 1), _chain(rng, x, 2)]
    elif kind < 0.62:
        stack, y = [], x
        for _ in range(rng.integers(2, 5)):
            stack.append(_keras_layer(rng, y))
            y = stack[-1](y)
        outputs = None
        model = keras.Sequential([keras.Input(shape), *stack])
    else:
        outputs = _graph(rng, x)
    if outputs is not None:
        model = keras.Model(inputs, outputs)
    # Some that Keras builds it does not run.
    zeros = [np.zeros((1, *shape), np.float32) for _ in model.inputs]
    model(zeros if refused and len(zeros) > 1 else zeros[0])
    _randomise(rng, model)
    return RandomModel(model, label, refused)


def _graph(rng: Random, x: Any) -> Any:
    """Layers, merges, models in it and layers that are called twice."""
    for _ in range(rng.integers(2, 5)):
        if math.prod(x.shape[1:]) > _MOST:
            break
        kind = rng.random()
        if kind < 0.5:
            x = _chain(rng, x, 1)
        elif kind < 0.75:
            x = _branched(rng, x)
        elif kind < 0.87:
            inner = keras.Input(x.shape[1:])
            nested = keras.Model(inner, _chain(rng, inner, int(rng.integers(1, 3))))
            y = nested(x)
            x = _merged(rng, [y, nested(_keeping(rng, x)(x))]) if rng.random() < 0.4 else y
        else:
            layer = _keras_layer(rng, x)
            x = _merged(rng, [layer(x), layer(_keeping(rng, x)(x))])
    return x


def _chain(rng: Random, x: Any, length: int) -> Any:
    for _ in range(length):
        x = _layer(rng, x)[1](x)
    return x


def _branched(rng: Random, x: Any) -> Any:
    """Two or three tensors of one shape that are merged."""
    count = int(rng.integers(2, 4))
    branches = [_keeping(rng, x)(x) for _ in range(count)]
    if rng.random() < 0.4:
        branches[0] = x
    if rng.random() < 0.2:
        # A sorted pair, or nearly.
        half = x.shape[-1] // 2
        if half and x.shape[-1] == 2 * half:
            whole = (slice(None),) * (len(x.shape) - 1)
            branches = [x[(*whole, slice(None, half))], x[(*whole, slice(half, None))]]
            larger, smaller = layers.Maximum()(branches), layers.Minimum()(branches[:: rng.choice([1, -1])])
            return layers.Concatenate()([larger, smaller])
    return _merged(rng, branches)


def _merged(rng: Random, xs: list[Any]) -> Any:
    kind = rng.integers(8)
    if kind == 0 and len(xs) == 2:
        return layers.Subtract()(xs)
    if kind == 1:
        return layers.Average()(xs)
    if kind == 2:
        return layers.Maximum()(xs)
    if kind == 3:
        return layers.Minimum()(xs)
    if kind == 4:
        return layers.Concatenate(axis=int(rng.integers(1, len(xs[0].shape))))(xs)
    if kind == 5 and len(xs) == 2:
        return rng.choice([ops.maximum, ops.minimum, ops.add, ops.subtract])(*xs)
    if kind == 6:
        return ops.concatenate(xs, axis=int(rng.choice([-1, len(xs[0].shape) - 1, 1])))
    return layers.Add()(xs)


def _keeping(rng: Random, x: Any) -> Layer:
    """A layer that keeps the shape."""
    channels, rank = x.shape[-1], len(x.shape) - 1
    kind = rng.integers(6)
    if kind == 0 and rank > 1:
        return _kind_of("Conv{}D", rank)(
            channels, int(rng.integers(1, 4)), padding="same", activation=_activation(rng)
        )
    if kind == 1:
        return layers.Dense(channels, activation=_activation(rng), use_bias=bool(rng.integers(2)))
    if kind == 2:
        return layers.BatchNormalization(epsilon=_number(rng))
    if kind == 3:
        return layers.Rescaling(_signed(rng), _signed(rng))
    if kind == 4:
        return layers.Dropout(0.5)
    return _activation_layer(rng, x)


def _layer(rng: Random, x: Any) -> tuple[str, Layer]:
    """A layer or functions on a tensor."""
    if rng.random() < 0.3:
        return _function(rng, x)
    layer = _keras_layer(rng, x)
    return type(layer).__name__, layer


def _pick(rng: Random, options: list[Any]) -> Any:
    return options[rng.integers(len(options))]


def _kind_of(name: str, rank: int) -> Any:
    return getattr(layers, name.format(rank - 1))


def _keras_layer(rng: Random, x: Any) -> Any:
    """A layer with random options that may be put on a tensor."""
    shape = x.shape[1:]
    rank = len(shape)
    makers: list[Callable[[], Any]] = [
        lambda: layers.Dense(int(rng.integers(1, 9)), use_bias=_flag(rng), activation=_activation(rng)),
        lambda: _activation_layer(rng, x),
        lambda: _activation_layer(rng, x),
        lambda: layers.BatchNormalization(
            axis=_pick(rng, [-1, rank]), epsilon=_number(rng), scale=_flag(rng), center=_flag(rng)
        ),
        lambda: _normalization(rng, shape),
        lambda: layers.Rescaling(_scales(rng, shape), _scales(rng, shape)),
        lambda: _pick(rng, [layers.Flatten(), layers.Reshape((-1, shape[-1])), layers.Reshape((1, *shape))]),
        lambda: layers.Permute([int(i) + 1 for i in rng.permutation(rank)]),
        lambda: _pick(
            rng,
            [
                layers.Identity(),
                layers.Dropout(0.3),
                layers.GaussianNoise(1.0),
                layers.GaussianDropout(0.2),
                layers.AlphaDropout(0.2),
                layers.ActivityRegularization(0.1),
            ],
        ),
    ]
    if rng.random() < 0.04:
        return _refused_layer(rng, shape)
    if rank == 1:
        return _pick(rng, makers)()
    axes = rank - 1
    wide = [
        lambda: _convolution(rng, axes, shape[-1]),
        lambda: _transposed(rng, axes),
        lambda: _pooling(rng, axes),
    ]
    makers += [*wide, *wide]
    if axes < 3:
        makers += [lambda: _depthwise(rng, axes), lambda: _separable(rng, axes)]
    makers += [
        lambda: _kind_of(_pick(rng, ["GlobalAveragePooling{}D", "GlobalMaxPooling{}D"]), rank)(
            keepdims=_flag(rng)
        ),
        lambda: _kind_of("ZeroPadding{}D", rank)(_pairs(rng, axes)),
        lambda: _kind_of("Cropping{}D", rank)(_pairs(rng, axes, 2)),
        lambda: _kind_of("UpSampling{}D", rank)(
            _sizes(rng, axes, 3) if axes > 1 else int(rng.integers(1, 4))
        ),
        lambda: _kind_of("SpatialDropout{}D", rank)(0.2),
        lambda: layers.PReLU(shared_axes=_shared(rng, axes)),
    ]
    return _pick(rng, makers)()


def _refused_layer(rng: Random, shape: tuple[int, ...]) -> Any:
    return _pick(
        rng,
        [
            layers.LayerNormalization(),
            layers.UnitNormalization(),
            layers.RMSNormalization(),
            layers.GroupNormalization(1),
            layers.Masking(),
            layers.ReLU(threshold=0.5),
            layers.SpectralNormalization(layers.Dense(2)),
            layers.TimeDistributed(layers.Dense(2)) if len(shape) > 1 else layers.RepeatVector(2),
            layers.EinsumDense("...x,xy->...y", output_shape=3),
            layers.BatchNormalization(axis=1),
            layers.Softmax(axis=[1]),
            layers.Dense(3, dtype="bfloat16"),
        ],
    )


def _flag(rng: Random) -> bool:
    return bool(rng.integers(2))


def _sizes(rng: Random, axes: int, most: int) -> tuple[int, ...]:
    return tuple(int(n) for n in rng.integers(1, most + 1, axes))


def _pairs(rng: Random, axes: int, most: int = 3) -> Any:
    pairs = [(int(a), int(b)) for a, b in rng.integers(0, most, (axes, 2))]
    return pairs[0] if axes == 1 else pairs


def _shared(rng: Random, axes: int) -> list[int] | None:
    return _pick(rng, [None, list(range(1, axes + 1)), [1]])


def _strides(rng: Random, axes: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Strides and dilation, one of which is 1."""
    ones = (1,) * axes
    return _pick(
        rng, [(ones, ones), (ones, ones), (_sizes(rng, axes, 3), ones), (ones, _sizes(rng, axes, 2))]
    )


def _convolution(rng: Random, axes: int, channels: int) -> Any:
    strides, dilation = _strides(rng, axes)
    groups = _pick(rng, [1, 1, *(n for n in (2, 3, 4) if channels % n == 0)])
    paddings = ["valid", "same", "same"] + (["causal"] if axes == 1 else [])
    return getattr(layers, f"Conv{axes}D")(
        groups * int(rng.integers(1, 4)),
        _sizes(rng, axes, 3),
        strides=strides,
        padding=_pick(rng, paddings),
        dilation_rate=dilation,
        groups=groups,
        use_bias=_flag(rng),
        activation=_activation(rng),
    )


def _transposed(rng: Random, axes: int) -> Any:
    return getattr(layers, f"Conv{axes}DTranspose")(
        int(rng.integers(1, 4)),
        _sizes(rng, axes, 3),
        strides=_sizes(rng, axes, 2),
        padding=_pick(rng, ["valid", "same"]),
        use_bias=_flag(rng),
        activation=_activation(rng),
    )


def _depthwise(rng: Random, axes: int) -> Any:
    return _by_channel(rng, axes, "Depthwise")


def _separable(rng: Random, axes: int) -> Any:
    return _by_channel(rng, axes, "Separable", int(rng.integers(1, 4)))


def _by_channel(rng: Random, axes: int, kind: str, *filters: int) -> Any:
    return getattr(layers, f"{kind}Conv{axes}D")(
        *filters,
        _sizes(rng, axes, 3),
        strides=int(rng.integers(1, 3)),
        padding=_pick(rng, ["valid", "same"]),
        depth_multiplier=int(rng.integers(1, 3)),
        use_bias=_flag(rng),
        activation=_activation(rng),
    )


def _pooling(rng: Random, axes: int) -> Any:
    return getattr(layers, _pick(rng, ["AveragePooling{}D", "MaxPooling{}D"]).format(axes))(
        _sizes(rng, axes, 3) if axes > 1 else int(rng.integers(1, 4)),
        strides=_pick(rng, [None, _sizes(rng, axes, 3) if axes > 1 else int(rng.integers(1, 4))]),
        padding=_pick(rng, ["valid", "same"]),
    )


def _normalization(rng: Random, shape: tuple[int, ...]) -> Any:
    axis = _pick(rng, [-1, len(shape), None, (-1,)])
    invert = _flag(rng)
    if rng.random() < 0.4:
        return layers.Normalization(axis=axis, invert=invert)
    if axis is None:
        return layers.Normalization(axis=axis, mean=_signed(rng), variance=_number(rng), invert=invert)
    mean = [_signed(rng) for _ in range(shape[-1])]
    return layers.Normalization(axis=axis, mean=mean, variance=[_number(rng) for _ in mean], invert=invert)


def _activation(rng: Random) -> Any:
    """An activation of another layer: none, a name, or a layer."""
    kind = rng.random()
    if kind < 0.55:
        return None
    if kind < 0.85:
        return _name(rng)
    return _pick(
        rng,
        [
            lambda: layers.ReLU(negative_slope=_number(rng)),
            lambda: layers.LeakyReLU(_number(rng)),
            lambda: layers.ELU(_signed(rng)),
            lambda: layers.Softmax(),
            lambda: layers.Rescaling(_signed(rng), 0.1),
            lambda: layers.Activation(_name(rng)),
            lambda: layers.UpSampling1D(2),
            lambda: layers.UpSampling2D((1, 3)),
            lambda: layers.GlobalAveragePooling2D(),
            lambda: layers.GlobalMaxPooling1D(keepdims=True),
            lambda: layers.MaxPooling2D(2, strides=1, padding="same"),
            lambda: layers.Flatten(),
        ],
    )()


def _name(rng: Random) -> str:
    return str(_pick(rng, [*FUNCTIONS, "softmax", "relu", "relu", *(_REFUSED if rng.random() < 0.1 else [])]))


def _activation_layer(rng: Random, x: Any) -> Any:
    return _pick(
        rng,
        [
            lambda: layers.Activation(_name(rng)),
            lambda: layers.Activation(_name(rng)),
            lambda: layers.ReLU(
                max_value=_pick(rng, [None, 0.0, 6, _number(rng)]),
                negative_slope=_pick(rng, [0.0, _number(rng)]),
            ),
            lambda: layers.LeakyReLU(_number(rng)),
            lambda: layers.ELU(_pick(rng, [1.0, 1, _signed(rng)])),
            lambda: layers.Softmax(axis=_pick(rng, [-1, int(rng.integers(1, len(x.shape)))])),
            lambda: layers.PReLU(),
        ],
    )()


def _number(rng: Random) -> float:
    """A number that is not negative, of any size, which float32 may round."""
    return float(
        _pick(
            rng,
            [0.0, 1e-3, 0.3, 1.0, 1.5, abs(rng.standard_normal()), 10.0 ** rng.uniform(-20, 20), 1e-9, 1e-50],
        )
    )


def _signed(rng: Random) -> float:
    return _number(rng) * float(rng.choice([1, -1]))


def _scales(rng: Random, shape: tuple[int, ...]) -> Any:
    many = [_signed(rng) for _ in range(shape[-1])]
    return _pick(rng, [_signed(rng), 1.0 / 255, many, np.array(many), 2])


def _constant(rng: Random, shape: tuple[int, ...]) -> Any:
    """A number, or an array that is broadcast."""
    if rng.random() < 0.5:
        return _pick(rng, [_signed(rng), 3, -1.0])
    cut = shape[int(rng.integers(len(shape))) :]
    sizes = [n if rng.random() < 0.6 else 1 for n in cut]
    if len(cut) == len(shape) and rng.random() < 0.5:
        sizes = [1, *sizes]
    return (rng.standard_normal(sizes) * 10.0 ** rng.uniform(-3, 3)).astype(np.float32)


def _function(rng: Random, x: Any) -> tuple[str, Layer]:
    """Functions of `keras.ops`."""
    shape = x.shape[1:]
    rank = len(shape)
    c = _constant(rng, shape)
    axis = int(_pick(rng, [-1, *range(1, rank + 1)]))
    spatial = tuple(range(1, rank))
    half = max(shape[-1] // 2, 1)
    slices = (slice(None), *(slice(_pick(rng, [None, 0, 1]), None, int(rng.integers(1, 3))) for _ in shape))
    name = str(_pick(rng, ["relu", "relu6", "tanh", "sigmoid", "softplus", "softsign", "absolute", "abs"]))
    epsilon = _number(rng)
    choices: list[tuple[str, Layer]] = [
        ("ops.add", lambda t: ops.add(t, c)),
        ("ops.add", lambda t: ops.add(c, t)),
        ("ops.subtract", lambda t: ops.subtract(t, c)),
        ("ops.subtract", lambda t: ops.subtract(c, t)),
        ("ops.multiply", lambda t: ops.multiply(t, c)),
        ("ops.multiply", lambda t: ops.multiply(c, t)),
        ("ops.negative", lambda t: -t),
        ("ops." + name, getattr(ops, name)),
        ("ops." + name, getattr(ops, name)),
        ("slice", lambda t: t[slices]),
        ("slice", lambda t: t[..., half:] if half < shape[-1] and _flag(rng) else t[:, :half]),
        ("ops.sort", lambda t: ops.sort(t, axis=axis)),
        ("ops.transpose", lambda t: ops.transpose(t, [0, *(int(i) + 1 for i in rng.permutation(rank))])),
        ("ops.reshape", lambda t: ops.reshape(t, [-1, math.prod(shape)])),
        ("MaxMin", lambda t: ops.concatenate([ops.relu(t), ops.relu(-t)], axis=axis)),
        (
            "Centering",
            lambda t: t - ops.mean(t, axis=axis if _flag(rng) else list(range(1, rank + 1)), keepdims=True),
        ),
        ("pairs", lambda t: ops.concatenate([ops.maximum(t, -t), ops.minimum(t, -t)], axis=-1)),
        ("ops.sqrt", ops.sqrt),
    ]
    if rank > 1:
        pool = _kind_of("AveragePooling{}D", rank)(2, strides=_pick(rng, [None, 1]), padding="valid")
        choices += [
            ("L2NormPooling", lambda t: ops.sqrt(pool(ops.square(t)) + epsilon)),
            ("GlobalL2NormPooling", lambda t: ops.sqrt(ops.sum(ops.square(t), axis=spatial) + epsilon)),
            ("ops.mean", lambda t: ops.mean(t, axis=spatial)),
        ]
    return _pick(rng, choices)


def _randomise(rng: Random, model: keras.Model) -> None:
    wild = rng.random() < 0.3
    for variable in model.variables:
        name, shape = variable.name, tuple(variable.shape)
        if name in ("count", "seed_generator_state") or "int" in str(variable.dtype):
            continue
        size = 10.0 ** rng.uniform(-20, 20) if wild and _flag(rng) else 10.0 ** rng.uniform(-1, 1)
        if name in ("moving_variance", "variance"):
            value = size * rng.random(shape) * rng.integers(0, 3, shape)
        elif "kernel" in name:
            value = size * _kernel(rng, shape)
        else:
            value = size * rng.standard_normal(shape) * rng.integers(0, 2, shape)
        variable.assign(value.astype(np.float32))
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()


def _kernel(rng: Random, shape: tuple[int, ...]) -> np.ndarray:
    """A kernel with entries about 1: of some structure, or none."""
    kind = rng.integers(8)
    rows, columns = math.prod(shape[:-1]), shape[-1]
    if kind == 0:
        return np.ones(shape)
    if kind == 1:
        return rng.standard_normal(shape) * (rng.random(shape) < 0.3)
    if kind == 2:
        return (rng.standard_normal((rows, 1)) @ rng.standard_normal((1, columns))).reshape(shape)
    if kind == 3:
        q, _ = np.linalg.qr(rng.standard_normal((max(rows, columns),) * 2))
        return q[:rows, :columns].reshape(shape)
    if kind == 4:
        return np.abs(rng.standard_normal(shape))
    if kind == 5:
        return rng.standard_normal(shape) * 10.0 ** rng.uniform(-4, 4, shape)
    if kind == 6 and rng.random() < 0.3:
        return np.zeros(shape)
    return rng.standard_normal(shape) / math.sqrt(rows)
