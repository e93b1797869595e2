from typing import ClassVar

from pydantic import Field

from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.global_pooling2d import GlobalPooling2DSpec
from lipbuild.network.specs.scaled import ScaledSpec


class ScaledGlobalL2NormPooling2D(GlobalPooling2DSpec, ScaledSpec):
    """k·√(Σx² + ε) over each channel's image: constant k, and the gradient keeps its norm but for ε."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="squares and a root",
        replaces="GlobalMaxPooling2D, GlobalAveragePooling2D",
        paper="Boureau, Ponce & LeCun 2010",
    )

    eps_grad_sqrt: float = Field(
        1e-6, ge=0, description="ε: keeps the square root's gradient finite where an image is all zero."
    )
