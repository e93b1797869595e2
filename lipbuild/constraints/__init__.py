"""Constraints on kernels, and the manifolds on which lipbuild's layers keep theirs."""

from lipbuild.constraints.kernel_manifold import KernelManifold, ManifoldInitializer
from lipbuild.constraints.spectral_ball import SpectralBall

__all__ = ["KernelManifold", "ManifoldInitializer", "SpectralBall"]
