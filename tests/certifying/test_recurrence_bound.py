"""The bound of a recurrence against the matrix of the linear one."""

from __future__ import annotations

import numpy as np
import pytest

from lipbuild.evaluation.recurrence_bound import recurrence_bound


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 7, 40])
@pytest.mark.parametrize("recurrent", [1.0, 0.9, 1.0 + 1e-7])
def test_the_bound_is_above_the_norm_and_reached_by_an_isometry(
    steps: int, recurrent: float, return_sequences: bool
) -> None:
    times = np.subtract.outer(np.arange(steps), np.arange(steps))
    matrix = np.where(times >= 0, recurrent ** np.maximum(times, 0.0), 0.0)
    exact = 0.5 * np.linalg.norm(matrix if return_sequences else matrix[-1:], 2)
    bound = recurrence_bound(0.5, recurrent, steps, return_sequences)
    assert exact <= bound * (1 + 1e-14)
    if recurrent >= 1.0:
        assert bound <= exact * (1 + 1e-5)


def test_what_has_no_bound_has_none() -> None:
    assert recurrence_bound(np.inf, 1.0, 3, False) == np.inf
    assert recurrence_bound(1.0, 1e300, 3, True) == np.inf
