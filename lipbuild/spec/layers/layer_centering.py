from __future__ import annotations

from lipbuild.spec.layers.centering import CenteringSpec


class LayerCentering(CenteringSpec):
    """k·(x − mean of x over its pixels) + b, per sample and channel: a projection, constant exactly k."""
