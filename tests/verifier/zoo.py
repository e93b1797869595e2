"""Small models that have every operation among them, saved with certificates of some data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

_ACTIVATIONS = [
    *("elu", "leaky_relu", "celu", "softplus", "tanh", "hard_tanh", "softsign", "sparse_plus", "squareplus"),
    *(
        "log_sigmoid",
        "tanh_shrink",
        "soft_shrink",
        "sparse_sigmoid",
        "sigmoid",
        "hard_sigmoid",
        "relu6",
        "selu",
        "silu",
        "hard_silu",
        "mish",
        "gelu",
        "softmax",
    ),
]
SHAPES = {
    "main": (8, 8, 1),
    "kernels": (6, 6, 2),
    "functions": (4, 4, 4),
    "plain": (4, 4, 2),
    "spans": (6, 6, 1),
}


def save_models(folder: Path) -> None:
    """Write each model, its data and labels, and its certificate; and a model that has none."""
    import keras

    from lipbuild.saved.archive import read_archive
    from lipbuild.saved.certify import certify

    for name, build in (
        ("main", _main),
        ("kernels", _kernels),
        ("functions", _functions),
        ("plain", _plain),
        ("spans", _spans),
    ):
        keras.utils.clear_session()  # names as the tests expect them
        keras.utils.set_random_seed(0)
        model = _flat(keras, build(keras))
        model.save(folder / f"{name}.keras")
        rng = np.random.default_rng(0)
        x = rng.random((12, *SHAPES[name])).astype(np.float32)
        y = rng.integers(0, model.output_shape[-1], 12)
        np.savez(folder / f"{name}.npz", x=x, y=y, outputs=np.asarray(model(x)))
        certificate = certify(*read_archive(folder / f"{name}.keras"), inputs=x, labels=y)
        (folder / f"{name}.json").write_text(json.dumps(certificate))
    keras.utils.set_random_seed(0)
    _two(keras).save(folder / "two.keras")
    exact = certify(*read_archive(folder / "main.keras"), exact=True)
    (folder / "main.exact.json").write_text(json.dumps(exact))


def _flat(keras: Any, model: Any) -> Any:
    """The plain form of a model, without models inside it."""
    from lipbuild.building.plain import plain_layer_call

    def call(layer: Any, inputs: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(layer, keras.Layer):
            return plain_layer_call(layer, inputs)
        return layer(inputs, *arguments, **options)

    return keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)


def _two(keras: Any) -> Any:
    """Two layers of one shape, whose weights could be taken for each other's."""
    x = inputs = keras.Input((3,), name="data")
    for name in ("first", "second"):
        x = keras.layers.Dense(3, name=name)(keras.layers.ReLU()(x))
    return keras.Model(inputs, x)


def _main(keras: Any) -> Any:
    from lipbuild.layers import GroupSort2, ScaledAveragePooling2D, SpectralConv2D, SpectralDense

    layers = keras.layers
    x = inputs = keras.Input(SHAPES["main"])
    x = layers.Rescaling(0.5, offset=0.1)(x)
    x = SpectralConv2D(4, 3, padding="same")(x)
    x = GroupSort2()(x)
    x = ScaledAveragePooling2D(2)(x)
    y = layers.Conv2D(4, 3, padding="same", activation="relu", bias_initializer="ones")(x)
    x = layers.Average()([x, y])
    x = layers.Flatten()(x)
    x = SpectralDense(16, k_coef_lip=2.0)(x)
    a, b = x[:, ::2], x[:, 1::2]
    x = layers.Concatenate()([keras.ops.maximum(a, b), layers.Minimum()([a, b])])
    return keras.Model(inputs, layers.Dense(3)(layers.Dropout(0.5)(x)))


def _kernels(keras: Any) -> Any:
    from lipbuild import layers as own

    layers = keras.layers
    x = inputs = keras.Input(SHAPES["kernels"])
    x = own.GroupSort2()(own.OrthoConv2D(4, 3)(x))
    x = own.GroupSort2("neighbours", k_coef_lip=0.5)(own.AOLConv2D(4, (3, 2), k_coef_lip=2.0)(x))
    x = own.SLLConv2D(3, hidden_filters=3, k_coef_lip=0.5)(x)
    x = own.OrthoConv2D(3, (4, 2), strides=(2, 1), use_bias=False, activation="relu")(x)
    x = own.OrthoConv2D(6, 2, groups=3)(x)
    x = own.OrthoConv2DTranspose(4, 3, strides=2)(x)
    x = own.SpectralConv2DTranspose(3, 2, strides=1, k_coef_lip=1.5)(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, strides=2, activation="tanh")(x)
    x = own.GroupSort2()(layers.SeparableConv2D(4, 2, depth_multiplier=2, padding="same")(x))
    x = layers.Conv2D(6, 3, padding="same", groups=2, dilation_rate=2)(x)
    x = layers.Flatten()(x)
    x = own.PReLUlip(alpha_initializer="random_uniform")(own.OrthoDense(12, k_coef_lip=0.5)(x))
    x = own.Householder(theta_initializer="random_normal")(own.AOLDense(8)(x))
    x = own.MaxMin()(own.SLLDense(hidden_units=5)(x))
    x = layers.Reshape((16, 1))(x)
    x = own.SpectralConv1D(2, 3, padding="causal", strides=2, k_coef_lip=1.5)(x)
    return keras.Model(inputs, own.LastLayerNormalized(3)(layers.Flatten()(x)))


def _functions(keras: Any) -> Any:
    from lipbuild import layers as own

    layers = keras.layers
    x = inputs = keras.Input(SHAPES["functions"])
    for name in _ACTIVATIONS:
        x = layers.Activation(name)(layers.Rescaling(2.0, offset=-0.5)(x))
    x = layers.Normalization(mean=[0.1, 0.2, 0.3, 0.1], variance=[0.01, 0.02, 0.04, 0.01])(x)
    x = layers.ReLU(3.0, 0.25)(layers.LeakyReLU(0.3)(layers.ELU(0.5)(x)))
    x = layers.Softmax(axis=1)(layers.PReLU("random_uniform", shared_axes=[1])(x))
    x = layers.BatchNormalization()(own.BatchCentering(k_coef_lip=3.0)(x))
    x = own.LayerCentering(k_coef_lip=2.0)(x)
    x = layers.UpSampling2D(2)(own.GroupSort(2)(x))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    x = layers.AveragePooling2D(3, strides=1, padding="same")(layers.ZeroPadding2D(((1, 0), (0, 1)))(x))
    x = layers.Permute((2, 1, 3))(layers.Cropping2D(((0, 1), (1, 0)))(x))
    x = own.InvertibleUpSampling(2)(own.InvertibleDownSampling(2, k_coef_lip=2.0)(x))
    x = own.LipResidual(alpha_initializer="ones")([x, layers.Identity()(own.FullSort()(x))])
    x = layers.Add()([x, layers.Subtract()([x, layers.Rescaling(0.5)(x)])])
    a, b = layers.GlobalMaxPooling2D()(x), layers.GlobalAveragePooling2D()(x)
    c, d = own.ScaledGlobalL2NormPooling2D()(x), own.ScaledGlobalAveragePooling2D()(x)
    e = layers.Flatten()(own.ScaledL2NormPooling2D(2)(own.ScaledAveragePooling2D(2)(x)))
    x = layers.Maximum()([layers.Concatenate()([a, b, c]), layers.Concatenate()([d, e, e])])
    return keras.Model(inputs, layers.Dense(2)(x))


def _plain(keras: Any) -> Any:
    from lipbuild import layers as own

    x = inputs = keras.Input(SHAPES["plain"])
    for layer in (
        own.GroupSort2(),
        own.GroupSort2("neighbours", k_coef_lip=0.5),
        own.MaxMin(k_coef_lip=2.0),
        own.PositionalBias(bias_initializer="random_normal", k_coef_lip=0.5),
        own.SpatialShift(1.0),
        own.BetaAbs(k_coef_lip=2.0),
        own.SpatialShift(1.0, padding="zeros"),
        own.BetaAbs(0.25),
        own.LayerCentering(),
        own.BatchCentering(k_coef_lip=2.0),
        own.InvertibleDownSampling(2),
        own.InvertibleUpSampling(2),
        own.ScaledL2NormPooling2D(2),
        own.Householder(),
        own.SLLConv2D(3),
        own.ScaledGlobalL2NormPooling2D(keepdims=True),
    ):
        layer(keras.Input(x.shape[1:]))  # weights
        x = layer.plain_call(x)
    x = keras.ops.mean(1.5 - keras.ops.relu6(2.0 * x - 0.25) - 0.5, axis=(1, 2))
    x = keras.ops.absolute(keras.ops.tanh(x) - keras.ops.sigmoid(x))
    x = keras.ops.minimum(keras.ops.softplus(x), keras.ops.softsign(x) + keras.ops.abs(x))
    return keras.Model(inputs, keras.layers.Dense(3)(x))


def _spans(keras: Any) -> Any:
    from lipbuild import layers as own

    layers = keras.layers
    x = inputs = keras.Input(SHAPES["spans"])
    x = layers.AveragePooling2D(2)(layers.Conv2D(2, 3, padding="same", bias_initializer="ones")(x))
    x = layers.ReLU()(layers.Flatten()(x))
    block = own.SLLDense(hidden_units=7)
    block(keras.Input((18,)))
    x = block.plain_call(x)
    branch = layers.Dense(18)(layers.Dense(9, activation="relu")(x))
    x = layers.Dense(6)(layers.Dense(8)(layers.Add()([x, branch])))
    return keras.Model(inputs, layers.Dense(1)(layers.Activation("relu")(x)))
