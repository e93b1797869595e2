from lipbuild.spec.field import Field
from lipbuild.spec.layers.disjoint_pooling2d import DisjointPooling2DSpec


class ScaledL2NormPooling2D(DisjointPooling2DSpec):
    """k·√(Σx² + ph·pw·ε) over disjoint windows: constant k, and the gradient keeps its norm but for ε."""

    eps_grad_sqrt: float = Field(
        1e-6, ge=0, description="ε: keeps the square root's gradient finite where a window is all zero."
    )
