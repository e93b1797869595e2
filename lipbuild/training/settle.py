from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from lipbuild.callbacks.condense_callback import condensable_layers
from lipbuild.constraints.kernel_manifold import KernelManifold
from lipbuild.training.distribution.distribution import Distribution
from lipbuild.training.variables import variables_in


def settle(model: keras.Model) -> None:
    """Bring whatever weights a model holds back within their constraints, kernels as near as they come.

    Weights that were averaged, or that a step has just moved, then have the constants that their layers state.
    """
    layers = list(condensable_layers(model))
    condensed = {id(variable) for layer in layers for variable in layer.trainable_variables}
    for variable in model.trainable_variables:
        constraint = variable.constraint
        # A constraint may put off what its manifold does.
        manifold = getattr(constraint, "manifold", constraint)
        if isinstance(manifold, KernelManifold):
            if id(variable) not in condensed:
                variable.assign(manifold.condense(variable.value))
        elif constraint is not None:
            variable.assign(constraint(variable))
    for layer in layers:
        layer.condense()


def settler(model: keras.Model, distribution: Distribution) -> Callable[[], None]:
    """What settles a model in every replica, compiled when it is first called."""

    def replicas() -> None:
        distribution.strategy.run(settle, args=(model,))

    compiled: Callable[[], None] = tf.function(replicas, autograph=False)
    return compiled


def constraint_state(model: keras.Model) -> list[Any]:
    """The variables that constraints keep: how much a kernel is owed whose retraction is put off."""
    constraints = [variable.constraint for variable in model.trainable_variables]
    return [value for c in constraints if c is not None for value in variables_in(c)]
