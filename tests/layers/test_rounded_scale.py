"""The factors of scaled pooling."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lipbuild.layers.rounded_scale import scale_down


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 9, 12, 49, 64, 1000])
@pytest.mark.parametrize("factor", [1.0, 0.1, 0.9, 2.0, 1.0 / 3.0])
def test_a_scale_is_a_float32_number_just_below_the_true_one(factor: float, count: int) -> None:
    scale = scale_down(factor, count)
    assert float(np.float32(scale)) == scale
    ratio = Fraction(scale) ** 2 / (Fraction(factor) ** 2 * count)
    assert 1.0 - 1e-6 < ratio <= 1
