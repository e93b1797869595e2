"""Constraints on kernels, with deel-lip's names and arguments."""

from lipbuild.constraints.auto_weight_clip_constraint import AutoWeightClipConstraint
from lipbuild.constraints.frobenius_constraint import FrobeniusConstraint
from lipbuild.constraints.frobenius_sphere import FrobeniusSphere
from lipbuild.constraints.kernel_manifold import KernelManifold, ManifoldInitializer
from lipbuild.constraints.spectral_ball import SpectralBall
from lipbuild.constraints.spectral_constraint import SpectralConstraint
from lipbuild.constraints.weight_clip_constraint import WeightClipConstraint

__all__ = [
    "AutoWeightClipConstraint",
    "FrobeniusConstraint",
    "FrobeniusSphere",
    "KernelManifold",
    "ManifoldInitializer",
    "SpectralBall",
    "SpectralConstraint",
    "WeightClipConstraint",
]
