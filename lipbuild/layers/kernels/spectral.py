"""Kernels with all singular values at 1, and deel-lip's settings for them."""

from __future__ import annotations

from typing import Any

from lipbuild.constraints.spectral_ball import SpectralBall
from lipbuild.layers.kernels.constrained_kernel import ConstrainedKernel
from lipbuild.normalizers.defaults import (
    DEFAULT_BETA_BJORCK,
    DEFAULT_EPS_BJORCK,
    DEFAULT_EPS_SPECTRAL,
    DEFAULT_MAXITER_BJORCK,
    DEFAULT_MAXITER_SPECTRAL,
    check_normalizer_settings,
)


class Spectral(ConstrainedKernel):
    """A kernel that is orthogonal as a matrix `(∏ leading axes, last axis)`, or only of norm at most 1 if so asked."""

    def __init__(
        self,
        *,
        eps_spectral: float = DEFAULT_EPS_SPECTRAL,
        eps_bjorck: float | None = DEFAULT_EPS_BJORCK,
        beta_bjorck: float | None = DEFAULT_BETA_BJORCK,
        maxiter_spectral: int = DEFAULT_MAXITER_SPECTRAL,
        maxiter_bjorck: int = DEFAULT_MAXITER_BJORCK,
        **kwargs: Any,
    ) -> None:
        check_normalizer_settings(eps_spectral, eps_bjorck, beta_bjorck, maxiter_spectral, maxiter_bjorck)
        super().__init__(**kwargs)
        self.eps_spectral = eps_spectral
        self.eps_bjorck = eps_bjorck
        self.beta_bjorck = beta_bjorck
        self.maxiter_spectral = maxiter_spectral
        self.maxiter_bjorck = maxiter_bjorck

    @property
    def _settings(self) -> dict[str, Any]:
        return {
            "eps_spectral": self.eps_spectral,
            "eps_bjorck": self.eps_bjorck,
            "beta_bjorck": self.beta_bjorck,
            "maxiter_spectral": self.maxiter_spectral,
            "maxiter_bjorck": self.maxiter_bjorck,
        }

    def _manifold(self) -> SpectralBall:
        return SpectralBall(groups=self.groups, **self._settings)

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {**super().get_config(), **self._settings}
