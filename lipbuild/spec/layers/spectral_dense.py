from __future__ import annotations

from lipbuild.spec.layers.dense import DenseSpec
from lipbuild.spec.layers.spectral import SpectralSpec


class SpectralDense(DenseSpec, SpectralSpec):
    """y = k·xW + b with an orthogonal kernel W (all singular values 1): Lipschitz constant k."""
