"""Kernels that start orthogonal."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.constraints.spectral_ball import SpectralBall
from lipbuild.layers.lipschitz_layer import check_klip_factor
from lipbuild.normalizers.defaults import (
    DEFAULT_BETA_BJORCK,
    DEFAULT_EPS_BJORCK,
    DEFAULT_EPS_SPECTRAL,
    check_normalizer_settings,
)


@keras.saving.register_keras_serializable(package="lipbuild")
class SpectralInitializer(keras.initializers.Initializer):
    """k times the kernel of another initializer, orthogonalised as the matrix `(∏ leading axes, last axis)`.

    Its randomness is the base initializer's, which `keras.utils.set_random_seed` governs. The kernels of two
    layers differ, unless they share one initializer with a seed.

    Args:
        eps_spectral: Relative excess of the norm bound where eps_bjorck is None.
        eps_bjorck: Tolerance of the orthogonalisation; None only scales the norm down to 1.
        beta_bjorck: Step of the orthogonalisation; None only scales.
        k_coef_lip: The norm k.
        base_initializer: The initializer to start from.

    Raises:
        ValueError: A setting is out of its range.
    """

    def __init__(
        self,
        eps_spectral: float = DEFAULT_EPS_SPECTRAL,
        eps_bjorck: float | None = DEFAULT_EPS_BJORCK,
        beta_bjorck: float | None = DEFAULT_BETA_BJORCK,
        k_coef_lip: float = 1.0,
        base_initializer: Any = "orthogonal",
    ) -> None:
        check_normalizer_settings(eps_spectral, eps_bjorck, beta_bjorck)
        self.eps_spectral = eps_spectral
        self.eps_bjorck = eps_bjorck
        self.beta_bjorck = beta_bjorck
        self.k_coef_lip = check_klip_factor(k_coef_lip)
        self.base_initializer = keras.initializers.get(base_initializer)

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """A kernel of this shape."""
        # A seeded initializer gives the same values each time it is called, so that layers sharing this one
        # (a default argument, say) would start with the same values.
        initializer = self.base_initializer
        if getattr(initializer, "_init_seed", 0) is None:
            initializer = initializer.clone()
        ball = SpectralBall(
            eps_spectral=self.eps_spectral,
            eps_bjorck=self.eps_bjorck,
            beta_bjorck=self.beta_bjorck,
            maxiter_bjorck=_ENOUGH_STEPS,
        )
        return self.k_coef_lip * ball.condense(initializer(shape, dtype=dtype))

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            "eps_spectral": self.eps_spectral,
            "eps_bjorck": self.eps_bjorck,
            "beta_bjorck": self.beta_bjorck,
            "k_coef_lip": self.k_coef_lip,
            "base_initializer": keras.initializers.serialize(self.base_initializer),
        }


_ENOUGH_STEPS = 60
