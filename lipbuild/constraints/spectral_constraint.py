"""Orthogonal kernels for any Keras layer."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.constraints.spectral_ball import SpectralBall
from lipbuild.normalizers.defaults import (
    DEFAULT_BETA_BJORCK,
    DEFAULT_EPS_BJORCK,
    DEFAULT_EPS_SPECTRAL,
    check_normalizer_settings,
)


@keras.saving.register_keras_serializable(package="lipbuild")
class SpectralConstraint(keras.constraints.Constraint):
    """k times the kernel orthogonalised as the matrix `(∏ leading axes, last axis)`, after each update.

    Keras applies it after updates only, so give the layer a `SpectralInitializer` too. On a convolution it
    bounds the reshaped kernel and not the operator: use `SpectralConv2D`.

    Args:
        k_coef_lip: The norm k.
        eps_spectral: Relative excess of the norm bound where eps_bjorck is None.
        eps_bjorck: Tolerance of the orthogonalisation; None only scales the norm down to k.
        beta_bjorck: Step of the orthogonalisation; None only scales.
        u: Not used; deel-lip's start vector of its power iteration.

    Raises:
        ValueError: A setting is out of its range.
    """

    def __init__(
        self,
        k_coef_lip: float = 1.0,
        eps_spectral: float = DEFAULT_EPS_SPECTRAL,
        eps_bjorck: float | None = DEFAULT_EPS_BJORCK,
        beta_bjorck: float | None = DEFAULT_BETA_BJORCK,
        u: Any = None,
    ) -> None:
        check_normalizer_settings(eps_spectral, eps_bjorck, beta_bjorck)
        self.k_coef_lip = float(k_coef_lip)
        self.eps_spectral = eps_spectral
        self.eps_bjorck = eps_bjorck
        self.beta_bjorck = beta_bjorck

    def __call__(self, w: Any) -> Any:
        """The orthogonalised kernel."""
        ball = SpectralBall(
            eps_spectral=self.eps_spectral, eps_bjorck=self.eps_bjorck, beta_bjorck=self.beta_bjorck
        )
        return self.k_coef_lip * ball.condense(ops.convert_to_tensor(w))

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            "k_coef_lip": self.k_coef_lip,
            "eps_spectral": self.eps_spectral,
            "eps_bjorck": self.eps_bjorck,
            "beta_bjorck": self.beta_bjorck,
        }
