"""Orthogonalisation and scaling of kernels, with deel-lip's names and arguments."""

from lipbuild.normalizers.bjorck_normalization import bjorck_normalization
from lipbuild.normalizers.defaults import (
    DEFAULT_BETA_BJORCK,
    DEFAULT_EPS_BJORCK,
    DEFAULT_EPS_SPECTRAL,
    DEFAULT_MAXITER_BJORCK,
    DEFAULT_MAXITER_SPECTRAL,
)
from lipbuild.normalizers.reshaped_kernel_orthogonalization import reshaped_kernel_orthogonalization
from lipbuild.normalizers.spectral_normalization import spectral_normalization
from lipbuild.normalizers.spectral_normalization_conv import spectral_normalization_conv

__all__ = [
    "DEFAULT_BETA_BJORCK",
    "DEFAULT_EPS_BJORCK",
    "DEFAULT_EPS_SPECTRAL",
    "DEFAULT_MAXITER_BJORCK",
    "DEFAULT_MAXITER_SPECTRAL",
    "bjorck_normalization",
    "reshaped_kernel_orthogonalization",
    "spectral_normalization",
    "spectral_normalization_conv",
]
