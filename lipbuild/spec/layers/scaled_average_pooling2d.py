from __future__ import annotations

from lipbuild.spec.layers.disjoint_pooling2d import DisjointPooling2DSpec


class ScaledAveragePooling2D(DisjointPooling2DSpec):
    """Average pooling over disjoint windows times k·√(ph·pw), which makes its constant exactly k."""
