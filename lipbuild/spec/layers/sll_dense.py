from lipbuild.spec.field import Field
from lipbuild.spec.layers.common import Units
from lipbuild.spec.layers.residual_block import ResidualBlockSpec
from lipbuild.spec.shapes import Shape, channels_of


class SLLDense(ResidualBlockSpec):
    """k·(x − 2Wᵀ diag(t) relu(Wx + b)), t_i = 1/Σ_j|WWᵀ|_ij q_j/q_i: constant k (Araujo et al. 2023)."""

    hidden_units: Units | None = Field(None, description="The rows of W; the input's size where left out.")

    def parameters(self, shape: Shape) -> int:
        """W, and a bias and a scale for each of its rows."""
        size = channels_of(shape, self.kind)
        return (self.hidden_units or size) * (size + 2)
