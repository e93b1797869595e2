"""What the Spectral layers share: a kernel with all singular values at 1, and deel-lip's settings for it."""

from __future__ import annotations

from typing import Any

from lipbuild.constraints.spectral_ball import SpectralBall
from lipbuild.layers.kernel_layer import ConstrainedKernelLayer
from lipbuild.normalizers.defaults import check_normalizer_settings


class SpectralKernelLayer(ConstrainedKernelLayer):
    """A layer whose reshaped kernel is orthogonal, or only of spectral norm at most 1 if so asked."""

    def __init__(
        self,
        *,
        eps_spectral: float,
        eps_bjorck: float | None,
        beta_bjorck: float | None,
        maxiter_spectral: int,
        maxiter_bjorck: int,
        **kwargs: Any,
    ) -> None:
        check_normalizer_settings(eps_spectral, eps_bjorck, beta_bjorck, maxiter_spectral, maxiter_bjorck)
        super().__init__(**kwargs)
        self.eps_spectral = eps_spectral
        self.eps_bjorck = eps_bjorck
        self.beta_bjorck = beta_bjorck
        self.maxiter_spectral = maxiter_spectral
        self.maxiter_bjorck = maxiter_bjorck

    def _kernel_groups(self) -> int:
        return 1

    def _manifold(self) -> SpectralBall:
        return SpectralBall(
            groups=self._kernel_groups(),
            eps_spectral=self.eps_spectral,
            eps_bjorck=self.eps_bjorck,
            beta_bjorck=self.beta_bjorck,
            maxiter_spectral=self.maxiter_spectral,
            maxiter_bjorck=self.maxiter_bjorck,
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            **super().get_config(),
            "eps_spectral": self.eps_spectral,
            "eps_bjorck": self.eps_bjorck,
            "beta_bjorck": self.beta_bjorck,
            "maxiter_spectral": self.maxiter_spectral,
            "maxiter_bjorck": self.maxiter_bjorck,
        }
