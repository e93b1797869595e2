"""The Lipschitz constant of global average pooling."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.rounding import div_down, div_up, sqrt_down, sqrt_up


def global_average_pooling(input_shape: Sequence[int]) -> Bound:
    """1/√n, n the number of positions: the norm of a row of n entries 1/n.

    Global max pooling and global L2-norm pooling have the constant 1.

    Args:
        input_shape: The spatial lengths.

    Returns:
        The bound, exact but for the rounding of the root.

    Raises:
        ValueError: If a length is not positive.
    """
    if not input_shape or min(input_shape) < 1:
        raise ValueError(f"global pooling needs positive lengths; received {tuple(input_shape)}")
    count = float(math.prod(input_shape))
    return Bound(sqrt_up(div_up(1.0, count)), sqrt_down(div_down(1.0, count)), "closed form", "exact")
