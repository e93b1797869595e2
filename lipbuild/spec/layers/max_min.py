from __future__ import annotations

from lipbuild.spec.layers.scaled import ScaledSpec
from lipbuild.spec.shapes import Shape, channels_of


class MaxMin(ScaledSpec):
    """k·[max(x, 0), max(−x, 0)], which doubles the channels: constant exactly k."""

    def output_shape(self, shape: Shape) -> Shape:
        """Twice the channels."""
        return (*shape[:-1], 2 * channels_of(shape, self.kind))
