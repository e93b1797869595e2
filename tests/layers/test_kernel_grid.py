"""A geometry × a parametrisation: layers that nobody has made a class for are a line each."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from lipbuild import layers
from lipbuild.layers.kernels.aol import AOL
from lipbuild.layers.kernels.frobenius import Frobenius
from lipbuild.layers.kernels.geometry import Convolution, Convolution1D, TransposedConvolution2D
from lipbuild.layers.kernels.kernel_layer import KernelLayer
from lipbuild.layers.kernels.orthogonal_convolution import OrthogonalConvolution
from lipbuild.layers.kernels.spectral import Spectral
from lipbuild.testing import run_lipschitz_layer_test
from lipbuild.testing.gain import gain_of
from lipbuild.testing.inputs import model_of, plain_model_of, samples


@keras.saving.register_keras_serializable(package="tests")
class AOLConv1D(Convolution1D, AOL): ...


class FrobeniusConv1D(Convolution1D, Frobenius): ...


class OrthoConv1D(Convolution1D, OrthogonalConvolution): ...


class AOLConv2DTranspose(TransposedConvolution2D, AOL): ...


class Convolution3D(Convolution):
    rank = 3
    plain = keras.layers.Conv3D


class SpectralConv3D(Convolution3D, Spectral): ...


HOLES: dict[str, tuple[Any, tuple[int, ...]]] = {
    "FrobeniusConv1D": (
        lambda **k: FrobeniusConv1D(4, 3, groups=2, data_format="channels_first", **k),
        (4, 7),
    ),
    "OrthoConv1D": (lambda **k: OrthoConv1D(4, 3, 2, padding="causal", **k), (8, 2)),
    "OrthoConv1D, grouped": (lambda **k: OrthoConv1D(4, 4, groups=2, activation="relu", **k), (8, 4)),
    "AOLConv2DTranspose": (lambda **k: AOLConv2DTranspose(3, 3, 2, **k), (2, 3, 2)),
    "SpectralConv3D": (lambda **k: SpectralConv3D(3, (2, 1, 3), strides=(1, 2, 2), **k), (3, 4, 3, 2)),
}


def test_a_hole_keeps_every_promise_of_a_layer() -> None:
    run_lipschitz_layer_test(AOLConv1D, {"filters": 4, "kernel_size": 3, "strides": 2}, (7, 2))


@pytest.mark.parametrize("name", HOLES)
def test_a_hole_has_at_most_its_constant_and_its_plain_form_is_the_same(name: str) -> None:
    make, shape = HOLES[name]
    keras.utils.set_random_seed(0)
    layer = make(k_coef_lip=0.5)
    model = model_of(layer, shape)
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()
    rng = np.random.default_rng(0)
    for weight in layer.trainable_weights:
        moved = (weight + 0.1 * rng.standard_normal(weight.shape)).numpy().astype("float32")
        weight.assign(moved if weight.constraint is None else weight.constraint(moved))
    assert gain_of(layer, shape) <= layer.lipschitz_bound() * (1 + 1e-6)
    if isinstance(layer, layers.Condensable):
        # As the end of a training does.
        layer.condense()
    assert 0.1 <= gain_of(layer, shape) <= layer.lipschitz_bound() * (1 + 1e-6) <= 0.5 * (1 + 1e-6)
    x = samples(shape)
    plain = plain_model_of(layer, shape)
    assert type(plain.layers[1]).__module__.startswith("keras.")
    assert plain.output_shape == model.output_shape == tuple(layer.compute_output_shape((None, *shape)))
    np.testing.assert_allclose(plain(x), model(x), atol=1e-6)


def test_a_parametrisation_refuses_a_geometry_that_it_has_no_kernel_for() -> None:
    with pytest.raises(ValueError, match="at most two axes"):
        type("OrthoConv3D", (Convolution3D, OrthogonalConvolution), {})(4, 3)
    # Scaled by sums over all groups together, a group could exceed the constant.
    with pytest.raises(ValueError, match="groups"):
        AOLConv1D(4, 3, groups=2)
    with pytest.raises(ValueError, match="dilation"):
        AOLConv2DTranspose(4, 3, dilation_rate=2)


def test_each_public_layer_with_a_kernel_passes_on_every_argument_that_it_takes() -> None:
    for name in layers.__all__:
        cls = getattr(layers, name)
        if isinstance(cls, type) and issubclass(cls, KernelLayer):
            sizes: dict[str, Any] = {"units": 4} if "Conv" not in name else {"filters": 4, "kernel_size": 3}
            config = cls(**sizes, use_bias=False, k_coef_lip=0.25, name="here", dtype="float64").get_config()
            again = cls.from_config(config).get_config()
            assert again == config
            assert (again["use_bias"], again["k_coef_lip"], again["name"]) == (False, 0.25, "here")
