from typing import ClassVar

from pydantic import Field

from lipbuild.network.specs.disjoint_pooling2d import DisjointPooling2DSpec
from lipbuild.network.specs.facts import Facts


class ScaledL2NormPooling2D(DisjointPooling2DSpec):
    """k·√(Σx² + ph·pw·ε) over disjoint windows: constant k, and the gradient keeps its norm but for ε."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="squares and a root",
        replaces="MaxPooling2D, AveragePooling2D",
        paper="Boureau, Ponce & LeCun 2010",
    )

    eps_grad_sqrt: float = Field(
        1e-6, ge=0, description="ε: keeps the square root's gradient finite where a window is all zero."
    )
