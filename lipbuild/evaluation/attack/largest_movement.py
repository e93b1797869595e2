from __future__ import annotations

import numpy as np

from lipbuild.certifying.bounds.frobenius import norms_up
from lipbuild.evaluation.attack.objective import Array, Objective
from lipbuild.evaluation.attack.rows import broadcast, norms


def largest_movement(
    search: Objective, exact: Objective, x: Array, outputs: int, radius: float, *, steps: int = 30
) -> tuple[Array, Array]:
    """How far an output can be found to move while the input moves by a radius.

    The perturbation follows the gradient: δ ← r ∇f/‖∇f‖ at x + δ, upwards and downwards for each output.

    Args:
        search: `signed_output` of the network, whose gradients are followed.
        exact: That of the same network in float64, by which a movement is measured.
        x: (samples, *shape), float64.
        outputs: The number of outputs.
        radius: How far the input moves.
        steps: The number of steps.

    Returns:
        (samples,), the largest |Δf| found; (samples,), how far the input really moved for it, rounded up.
    """
    count = len(x) * 2 * outputs
    rows = np.repeat(np.arange(len(x)), 2 * outputs)
    number = np.tile(np.repeat(np.arange(outputs), 2), len(x))
    sign = np.tile(np.array([1, -1]), count // 2)
    base = x[rows]
    start = exact.value(base, number, sign)
    point, largest, moved = base, np.zeros(count), np.zeros(count)
    for _ in range(steps):
        gradient = search.value_and_gradient(point, number, sign)[1]
        length = norms(gradient)
        point = base + radius * gradient / broadcast(np.where(length > 0.0, length, 1.0), gradient)
        movement = exact.value(point, number, sign) - start
        further = movement > largest
        largest = np.where(further, movement, largest)
        moved = np.where(further, norms_up(point - base), moved)
    best = largest.reshape(len(x), -1).argmax(axis=1)
    chosen = np.arange(len(x)) * 2 * outputs + best
    return largest[chosen], moved[chosen]
