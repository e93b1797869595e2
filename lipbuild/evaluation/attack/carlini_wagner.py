from __future__ import annotations

import numpy as np

from lipbuild.evaluation.attack.objective import Array, Labels, Objective
from lipbuild.evaluation.attack.rows import broadcast, norms

_MOMENTUM, _MOMENTUM_OF_SQUARES = 0.9, 0.99


def carlini_wagner(
    objective: Objective,
    x: Array,
    found: Array,
    source: Labels,
    target: Labels,
    *,
    steps: int = 100,
    rate: float = 0.05,
) -> Array:
    """Shorten perturbations: Adam on ‖δ‖² + c·max(g(x + δ), 0) (Carlini & Wagner 2017).

    Everything is measured in the length of the perturbation that is there and in the steepness of g there, so
    that no parameter depends on the units of the data. c is not searched for but follows each row: it grows
    while the point is short of the boundary, and shrinks while it is beyond.

    Args:
        objective: g, positive while the class is kept.
        x: (rows, *shape), the inputs.
        found: (rows, *shape), points across the boundary.
        source: (rows,), the classes of the inputs.
        target: (rows,), those of what was found.
        steps: The number of steps.
        rate: The length of the first step, as a share of the perturbation.

    Returns:
        (rows, *shape), for each row the nearest point across the boundary that was seen.
    """
    best, shortest = np.array(found, np.float64), norms(found - x)
    scale = np.maximum(shortest, 1e-300)
    size = float(np.prod(x.shape[1:]))
    delta = (found - x) / broadcast(scale, x)
    weight = np.full(len(x), 1.0)
    first, second = np.zeros_like(delta), np.zeros_like(delta)
    for step in range(steps):
        point = x + broadcast(scale, x) * delta
        value, gradient = objective.value_and_gradient(point, source, target)
        length = norms(point - x)
        across = value <= 0.0
        nearer = across & (length < shortest)
        best[nearer], shortest[nearer] = point[nearer], length[nearer]
        weight = np.where(across, weight * 0.9, weight * 1.1)
        steepness = np.maximum(norms(gradient), 1e-300)
        # In units of the perturbation ‖δ‖² has the gradient 2δ, of length 2 near the boundary.
        towards = np.where(across, 0.0, 2.0 * weight / steepness)
        total = 2.0 * delta + broadcast(towards, x) * gradient
        first = _MOMENTUM * first + (1.0 - _MOMENTUM) * total
        second = _MOMENTUM_OF_SQUARES * second + (1.0 - _MOMENTUM_OF_SQUARES) * total * total
        mean = first / (1.0 - _MOMENTUM ** (step + 1))
        spread = np.sqrt(second / (1.0 - _MOMENTUM_OF_SQUARES ** (step + 1)))
        pace = rate / np.sqrt(size) * 0.5 * (1.0 + np.cos(np.pi * step / steps))
        delta = delta - pace * mean / (spread + 1e-12)
    return best
