from __future__ import annotations

from typing import ClassVar

from lipbuild.network.specs.dense import DenseSpec
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.spectral import SpectralSpec


class SpectralDense(DenseSpec, SpectralSpec):
    """y = k·xW + b with an orthogonal kernel W (all singular values 1): Lipschitz constant k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="4·max(n, m)·min(n, m)² a training step; none at inference",
        replaces="Dense",
        paper="Anil, Lucas & Grosse 2019; Björck & Bowie 1971",
    )
