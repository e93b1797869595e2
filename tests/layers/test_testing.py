"""What the checks of a layer find in layers that do not keep their promises."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from lipbuild.layers import LipschitzLayer, SpectralDense
from lipbuild.testing import gain_in_float64, run_lipschitz_layer_test


@keras.saving.register_keras_serializable(package="tests")
class Scaled(LipschitzLayer, keras.layers.Layer):
    """k · w · x with a weight in [-1, 1], which is honest."""

    largest = 1.0

    def __init__(self, k_coef_lip: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.k_coef_lip = k_coef_lip

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight(
            name="w", shape=(input_shape[-1],), initializer="ones", constraint=self.clipped, autocast=False
        )

    def clipped(self, w: Any) -> Any:
        return ops.clip(w, -self.largest, self.largest)

    def call(self, inputs: Any) -> Any:
        return inputs * ops.cast(self.w, inputs.dtype) * self.k_coef_lip

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def plain_call(self, inputs: Any) -> Any:
        dense = keras.layers.Dense(inputs.shape[-1], use_bias=False)
        outputs = dense(inputs)
        dense.kernel.assign(ops.diag(ops.convert_to_tensor(self.w)) * self.k_coef_lip)
        return outputs

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "k_coef_lip": self.k_coef_lip}


@keras.saving.register_keras_serializable(package="tests")
class Expanding(Scaled):
    largest = 1.01


@keras.saving.register_keras_serializable(package="tests")
class Masking(Scaled):
    def clipped(self, w: Any) -> Any:
        return ops.clip(ops.where(ops.isnan(w), ops.zeros_like(w), w), -1.0, 1.0)


@keras.saving.register_keras_serializable(package="tests")
class Forgetting(Scaled):
    def get_config(self) -> dict[str, Any]:
        return keras.layers.Layer.get_config(self)


@keras.saving.register_keras_serializable(package="tests")
class OfAnotherShape(Scaled):
    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], 1)


@keras.saving.register_keras_serializable(package="tests")
class ExportedAsSomethingElse(Scaled):
    def plain_call(self, inputs: Any) -> Any:
        return keras.layers.Rescaling(0.5 * self.k_coef_lip)(inputs)


def test_an_honest_layer_passes() -> None:
    run_lipschitz_layer_test(Scaled, {}, (3,))


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (Expanding, "after epoch 1 of SGD: a gain of 1.0"),
        (Masking, "NaN is masked"),
        (Forgetting, ""),
        (OfAnotherShape, ""),
        (ExportedAsSomethingElse, ""),
    ],
)
def test_a_layer_that_does_not_keep_its_promises_is_found_out(cls: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        run_lipschitz_layer_test(cls, {}, (3,))


def test_the_gain_in_float64_is_the_norm_of_an_affine_model() -> None:
    layer = SpectralDense(4, k_coef_lip=0.5, kernel_initializer="ones")
    layer.build((None, 3))
    kernel = np.asarray(layer.kernel, np.float64) * 0.5
    plain = keras.Sequential([keras.Input((3,)), layer.vanilla_export()])
    assert gain_in_float64(plain, (3,)) == pytest.approx(np.linalg.norm(kernel, 2), rel=1e-12)
    layer.kernel.assign(np.full((3, 4), np.nan))
    broken = keras.Sequential([keras.Input((3,)), layer.vanilla_export()])
    assert np.isnan(gain_in_float64(broken, (3,)))
