from __future__ import annotations

import numpy as np

from lipbuild.evaluation.attack.objective import Array, Labels, Objective
from lipbuild.evaluation.attack.rows import broadcast, squared_norms

# A step ends a little beyond the boundary of the tangent plane.
_OVERSHOOT = 1.02


def deepfool(objective: Objective, start: Array, source: Labels, target: Labels, *, steps: int = 50) -> Array:
    """Newton's steps to the boundary: x ← x − g ∇g/‖∇g‖² until g ≤ 0 (Moosavi-Dezfooli et al. 2016).

    Args:
        objective: g, positive while the class is kept.
        start: (rows, *shape), where to start.
        source: (rows,), the classes that the rows have.
        target: (rows,), the classes that they shall get.
        steps: The most steps.

    Returns:
        (rows, *shape), the points that were come to, across the boundary or not.
    """
    x = np.array(start, np.float64)
    active = np.arange(len(x))
    for _ in range(steps):
        value, gradient = objective.value_and_gradient(x[active], source[active], target[active])
        squares = squared_norms(gradient)
        # Where the gradient vanishes there is nowhere to go.
        moving = (value > 0.0) & (squares > 0.0)
        active = active[moving]
        if not len(active):
            break
        length = _OVERSHOOT * (value[moving] / squares[moving]) + 1e-12
        x[active] -= broadcast(length, x) * gradient[moving]
    return x
