"""`norm="operator"`: the convolution's own norm is held, and what the prover finds of it is what is promised."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lipbuild.certifying.bounds.convolution import convolution
from lipbuild.guard.promises import EXCESS
from lipbuild.layers import SpectralConv2D, SpectralDense


def updated(filters, channels, size, scale=0.3, **arguments) -> SpectralConv2D:
    """A layer after some updates of random signs, as an optimizer makes them."""
    layer = SpectralConv2D(filters, 3, norm="operator", **arguments)
    layer.build((None, *size, channels))
    rng = np.random.default_rng(0)
    for step in range(4):
        sign = np.sign(rng.normal(size=layer._kernel.shape)).astype("float32")
        layer._kernel.assign(layer._deferred(layer._kernel + scale / np.sqrt(9 * filters) * 0.5**step * sign))
    return layer


@pytest.mark.parametrize(
    ("filters", "channels", "size"),
    [(8, 4, (6, 6)), (32, 16, (12, 12)), (12, 12, (None, None))],
    ids=["explicit", "frequencies", "any size"],
)
def test_the_plain_kernel_is_proved_to_have_the_norm(filters, channels, size):
    layer = updated(filters, channels, size, k_coef_lip=0.5)
    kernel = np.asarray(layer.vanilla_export().kernel)
    bound = convolution(kernel, None if None in size else size, padding="same")
    assert bound.upper <= 0.5 * (1.0 + EXCESS)
    # A kernel that is on its constraint is exported as it is.
    np.testing.assert_allclose(kernel, 0.5 * np.asarray(layer.kernel), rtol=1e-6)
    assert bound.upper >= 0.5 * 0.9


def test_a_wide_kernel_is_bounded_as_it_is_proved_without_frequencies():
    layer = SpectralConv2D(256, 3, norm="operator")
    layer.build((None, 32, 32, 256))
    assert not layer._operators.grid
    layer = updated(12, 8, (None, None))
    assert layer._operators.grid
    layer._operators.grid = False
    kernel = np.asarray(layer._exact_kernel()).astype(np.float32)
    # It may be scaled anew: the bound by the blocks of the Gram matrix is looser.
    assert convolution(kernel, None, enough=1.0 + EXCESS).upper <= 1.0 + EXCESS


def test_its_norm_is_nearer_to_the_constant_than_that_of_the_reshaped_kernel():
    keras.utils.set_random_seed(0)
    layers = [SpectralConv2D(16, 3, norm=norm) for norm in ("kernel", "operator")]
    for layer in layers:
        layer.build((None, 8, 8, 16))
    loose, tight = (
        convolution(np.asarray(layer.vanilla_export().kernel), (8, 8), padding="same").lower
        for layer in layers
    )
    assert loose < 0.9
    assert tight > 0.99


def test_without_the_argument_nothing_changes():
    keras.utils.set_random_seed(0)
    layer = SpectralConv2D(4, 3)
    layer.build((None, 5, 5, 3))
    assert layer.get_config()["norm"] == "kernel"
    assert [weight.name for weight in layer.weights] == ["kernel", "bias"]
    assert layer._deferred is None
    assert layer.factor == 1 / 3
    old = {name: value for name, value in layer.get_config().items() if name != "norm"}
    assert SpectralConv2D.from_config(old).get_config() == layer.get_config()


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="norm must be one of kernel, operator"):
        SpectralConv2D(4, 3, norm="frobenius")
    with pytest.raises(ValueError, match="eps_bjorck=None leaves out"):
        SpectralConv2D(4, 3, norm="operator", eps_bjorck=None)
    with pytest.raises(ValueError, match="norm"):
        SpectralDense(4, norm="operator")
