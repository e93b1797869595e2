from __future__ import annotations

from lipbuild.spec.layers.dense import DenseSpec


class AOLDense(DenseSpec):
    """y = k·xWD + b, D the diagonal of (Σ|WᵀW|)^(−½): constant at most k for all weights (Prach & Lampert 2022)."""
