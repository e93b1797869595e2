from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape
from lipbuild.network.specs.common import KernelInitializer
from lipbuild.network.specs.dense import DenseSpec
from lipbuild.network.specs.facts import Facts


class OrthoDense(DenseSpec):
    """y = k·xW + b, W a block of the reflection I − 2V(VᵀV)⁻¹Vᵀ: constant k at every step (Lai et al. 2025)."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a factorisation of size max(n, m)/2 a call; none in exports",
        replaces="Dense",
        paper="Lai et al. 2025 (BRO)",
    )

    kernel_initializer: KernelInitializer = Field("glorot_normal", description="What V starts from.")

    def parameters(self, shape: Shape) -> int:
        """N · ⌊n/2⌋ with n the greater of width and units, and a bias."""
        size = max(self._width(shape), self.units)
        return size * max(1, size // 2) + (self.units if self.use_bias else 0)
