"""Kernels of plain layers: computed in float64, rounded once, and within their constant at any width."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from lipbuild import layers
from lipbuild.certifying.bounds import convolution, dense
from lipbuild.layers.exact_products import in_full_precision
from lipbuild.testing.inputs import plain_model_of
from lipbuild.verifier.convolutions import convolution_at_most
from lipbuild.verifier.geometry import axis_of
from lipbuild.verifier.proofs import norm_at_most

WIDE: dict[str, tuple[Any, tuple[int, ...]]] = {
    "OrthoConv2D": (lambda: layers.OrthoConv2D(512, 3), (4, 4, 512)),
    "OrthoConv2D, strided": (lambda: layers.OrthoConv2D(512, 4, strides=2), (4, 4, 128)),
    "OrthoConv2D, grouped": (lambda: layers.OrthoConv2D(512, 3, groups=4), (4, 4, 512)),
    "OrthoConv2DTranspose": (lambda: layers.OrthoConv2DTranspose(128, 2, strides=2), (2, 2, 512)),
    "SpectralConv2D": (lambda: layers.SpectralConv2D(512, 3), (4, 4, 64)),
    "AOLConv2D": (lambda: layers.AOLConv2D(512, 2), (4, 4, 128)),
    "OrthoDense": (lambda: layers.OrthoDense(512), (512,)),
    "AOLDense": (lambda: layers.AOLDense(512), (512,)),
    "SpectralDense": (lambda: layers.SpectralDense(512), (512,)),
    "FrobeniusDense": (lambda: layers.FrobeniusDense(512, disjoint_neurons=False), (512,)),
}


def _disturbed(layer: Any, shape: tuple[int, ...]) -> Any:
    """The layer after something like a step of training."""
    layer.build((None, *shape))
    rng = np.random.default_rng(0)
    for variable in layer.trainable_variables:
        step = 1e-2 * rng.standard_normal(variable.shape) * np.std(np.asarray(variable))
        value = np.asarray(variable) + step
        variable.assign(
            value if variable.constraint is None else variable.constraint(value.astype("float32"))
        )
    return layer


# Their proof takes long, and the others go the same way.
_AT_NIGHT = ("OrthoConv2D", "OrthoConv2D, strided")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.nightly if n in _AT_NIGHT else ()) for n in WIDE]
)
def test_wide_kernels_are_proved_within_their_constant_by_both_programs(name: str) -> None:
    make, shape = WIDE[name]
    keras.utils.set_random_seed(0)
    layer = _disturbed(make(), shape)
    plain = plain_model_of(layer, shape).layers[-1]
    kernel = np.asarray(plain.kernel)
    if kernel.ndim == 2:
        bound = dense(kernel)
        assert norm_at_most(kernel.astype(np.float64)[None], bound.stated)
    else:
        strides, groups = plain.strides, getattr(plain, "groups", 1)
        # The adjoint reads what the layer writes.
        sizes = [n * s for n, s in zip(shape, strides)] if "Transpose" in name else list(shape[:2])
        bound = convolution(kernel, sizes, strides=strides, padding="same", groups=groups, enough=1.0)
        axes = [
            axis_of("axis", k, s, 1, "same", n) for k, s, n in zip(kernel.shape, strides, sizes, strict=False)
        ]
        proof = {"rule": bound.method, **bound.hint}
        assert convolution_at_most(kernel.astype(np.float64), axes, groups, bound.stated, proof)
        # Not for less than its norm, of which the largest column is a part.
        least = float(np.linalg.norm(kernel[..., 0].astype(np.float64))) * 0.999
        assert not convolution_at_most(kernel.astype(np.float64), axes, groups, least, proof)
    assert bound.stated <= 1.0


def test_an_orthogonal_kernel_is_as_near_to_orthogonal_as_float32_is() -> None:
    keras.utils.set_random_seed(0)
    layer = _disturbed(layers.OrthoConv2D(64, 3), (8, 8, 64))
    # As the end of a training does.
    layer.condense()
    with in_full_precision():
        kernel = np.asarray(layer.effective_kernel())
    assert kernel.dtype == np.float64
    bound = convolution(kernel, (8, 8), padding="same")
    # What is left is the safety factor: nothing of the factors' own rounding.
    assert 1.0 - 1e-6 < bound.upper < 1.0 - 6e-7
    # The rounding of the proof itself; that of float32 would be 2.8e-7.
    assert bound.excess < 1e-10
    np.testing.assert_allclose(kernel, layer.effective_kernel(), atol=1e-6)
    plain = plain_model_of(layer, (8, 8, 64)).layers[-1]
    np.testing.assert_array_equal(np.asarray(plain.kernel), kernel.astype(np.float32))


def test_what_is_far_from_orthonormal_stays_the_function_it_is() -> None:
    keras.utils.set_random_seed(0)
    layer: Any = layers.OrthoConv2D(8, 3)
    layer.build((None, 6, 6, 8))
    layer.bases.assign(0.7 * np.asarray(layer.bases))
    with in_full_precision():
        kernel = np.asarray(layer.effective_kernel())
    np.testing.assert_allclose(kernel, layer.effective_kernel(), atol=1e-6)


def test_a_constant_is_multiplied_in_before_the_only_rounding() -> None:
    layer = layers.SpectralConv2D(6, 3, k_coef_lip=0.3)
    plain = plain_model_of(_disturbed(layer, (5, 5, 4)), (5, 5, 4)).layers[-1]
    exact = np.asarray(layer.kernel).astype(np.float64) * (0.3 / 3.0)
    np.testing.assert_array_equal(np.asarray(plain.kernel), exact.astype(np.float32))
