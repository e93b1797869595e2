from __future__ import annotations

from typing import Any

import keras
import numpy as np

from lipbuild.certifying.bounds.rounding import up
from lipbuild.certifying.inference import norms_up
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.evaluation.attack.attacked import Attacked
from lipbuild.evaluation.attack.bisection import bisect
from lipbuild.evaluation.attack.objective import Array, Labels, Objective
from lipbuild.evaluation.attack.rows import norms


def foolbox_attack(
    model: keras.Model, exact: Objective, x: Array, labels: Labels, *, tolerance: Array | float = 0.0
) -> Attacked:
    """The nearest of what four attacks of foolbox find: DDN, Carlini and Wagner, FMN and DeepFool, in L2.

    What they find is taken up to the boundary in float64 and counted as that of `minimal_norm_attack` is.

    Args:
        model: The network in float32, with several logits.
        exact: The objective in float64.
        x: (samples, *shape), float64.
        labels: (samples,), the classes of the samples.
        tolerance: How far beyond a tie a logit must be to count.

    Raises:
        UnusableError: foolbox is not installed.
        RefusedError: The network has a single logit.
    """
    try:
        import foolbox
    except ImportError:
        raise UnusableError("foolbox is not installed", "pip install 'lipbuild[attacks]'") from None
    if model.output_shape[-1] == 1:
        raise RefusedError("foolbox's attacks need several logits, and this network has one")
    import tensorflow as tf

    # Wide enough that they never confine a perturbation: a certified radius knows no range of the data.
    low, high = float(x.min()), float(x.max())
    room = max(high - low, 1.0)
    wrapped = foolbox.TensorFlowModel(model, bounds=(low - room, high + room))
    inputs, classes = tf.constant(x, tf.float32), tf.constant(labels, tf.int64)
    result = Attacked.none(x)
    for attack in _attacks(foolbox):
        found = attack(wrapped, inputs, classes, epsilons=None)[1]
        points = np.asarray(found, np.float64)
        target = _labels(model, points, labels)
        points, across = bisect(exact, x, points, labels, target, tolerance=tolerance)
        lengths = np.where(across & (norms(points - x) > 0.0), up(norms_up(points - x)), np.inf)
        result = result.nearer(Attacked(points, target, lengths))
    return result


def _attacks(foolbox: Any) -> list[Any]:
    return [
        foolbox.attacks.DDNAttack(steps=100),
        foolbox.attacks.L2CarliniWagnerAttack(binary_search_steps=6, steps=200),
        foolbox.attacks.L2FMNAttack(steps=100),
        foolbox.attacks.L2DeepFoolAttack(steps=50),
    ]


def _labels(model: keras.Model, points: Array, labels: Labels) -> Labels:
    """The class at each point other than the sample's own: it may be just short of the boundary."""
    logits = np.asarray(model.predict(points.astype(np.float32), verbose=0), np.float64)
    logits[np.arange(len(labels)), labels] = -np.inf
    return np.asarray(np.argmax(logits, axis=1), np.int64)
