from __future__ import annotations

import numpy as np

from lipbuild.certifying.bounds.frobenius import norms_up
from lipbuild.certifying.bounds.rounding import up
from lipbuild.evaluation.attack.attacked import Attacked
from lipbuild.evaluation.attack.bisection import bisect
from lipbuild.evaluation.attack.carlini_wagner import carlini_wagner
from lipbuild.evaluation.attack.deepfool import deepfool
from lipbuild.evaluation.attack.objective import Array, Labels, Objective
from lipbuild.evaluation.attack.options import AttackOptions
from lipbuild.evaluation.attack.rows import broadcast, norms

# Halvings while a point is only to be compared with others.
_ROUGH = 12


def minimal_norm_attack(
    search: Objective,
    exact: Objective,
    x: Array,
    labels: Labels,
    logits: Array,
    options: AttackOptions,
    *,
    tolerance: Array | float = 0.0,
) -> Attacked:
    """Look for the smallest L2 perturbation that changes the class of each sample.

    DeepFool towards every class, a bisection back to the boundary, Carlini and Wagner's refinement of the
    nearest ones, from there and from random points around the sample; at last a bisection in float64. The
    perturbations are not confined to the range of the data, as a certified radius is not.

    Args:
        search: The objective whose gradients are followed, in float32 or float64.
        exact: That of the same network in float64, by which a class has changed or not.
        x: (samples, *shape), float64; each must have its label as its class.
        labels: (samples,).
        logits: (samples, outputs), by which the nearest classes are chosen where there are very many.
        options: How hard to try.
        tolerance: How far beyond a tie a logit must be to count, (samples,) or a number: what rounding may do.

    Returns:
        What was found, for each sample.
    """
    rng = np.random.default_rng(options.seed)
    samples, target = _pairs(labels, logits, options.targets)
    base, source = x[samples], labels[samples]
    point = deepfool(search, base, source, target)
    point, across = bisect(search, base, point, source, target, steps=_ROUGH)
    length = np.where(across, norms(point - base), np.inf)
    rows = _nearest(samples, length, options.refined)
    samples, base, source, target = samples[rows], base[rows], source[rows], target[rows]
    best, shortest = point[rows], length[rows]
    for restart in range(1 + options.restarts):
        start, usable = best, np.ones(len(base), np.bool_)
        if restart:
            noise = rng.standard_normal(base.shape)
            noise *= broadcast(shortest / np.maximum(norms(noise), 1e-300), noise)
            start = deepfool(search, base + noise, source, target)
            start, usable = bisect(search, base, start, source, target, steps=_ROUGH)
        found = carlini_wagner(search, base, start, source, target, steps=options.steps)
        length = norms(found - base)
        nearer = usable & (length < shortest)
        best[nearer], shortest[nearer] = found[nearer], length[nearer]
    allowed = np.broadcast_to(np.asarray(tolerance, np.float64), (len(x),))[samples]
    point, across = bisect(exact, base, best, source, target, tolerance=allowed)
    length = np.where(across, up(norms_up(point - base)), np.inf)
    # Among the refined classes the nearest one in float64.
    rows = _nearest(samples, length, 1)
    result = Attacked.none(x)
    result.adversarial[samples[rows]] = point[rows]
    result.labels[samples[rows]] = target[rows]
    result.distances[samples[rows]] = length[rows]
    return result


def _pairs(labels: Labels, logits: Array, most: int) -> tuple[Labels, Labels]:
    """Every sample with every other class, or with those of the largest logits."""
    if logits.shape[1] == 1:
        return np.arange(len(labels)), 1 - labels
    others = logits.copy()
    others[np.arange(len(labels)), labels] = -np.inf
    count = min(logits.shape[1] - 1, most)
    target = np.argsort(-others, axis=1, kind="stable")[:, :count]
    return np.repeat(np.arange(len(labels)), count), target.reshape(-1).astype(np.int64)


def _nearest(samples: Labels, length: Array, count: int) -> Labels:
    """The rows of the `count` shortest perturbations of each sample, those that are finite."""
    order = np.lexsort((length, samples))
    order = order[np.isfinite(length[order])]
    rank = np.arange(len(order)) - np.searchsorted(samples[order], samples[order])
    return np.asarray(order[rank < count], np.int64)
