from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold


class Lookahead(keras.optimizers.Optimizer):
    """An optimiser with slow weights, from which the weights go on every so many steps (Zhang et al., 2019).

    The slow weights then go a share of the way to the weights. Those of a kernel that a manifold holds are brought onto
    it. It is put before the optimiser among the bases of a class.

    Args:
        lookahead: After how many steps the slow weights follow; None is without.
        lookahead_share: The share of the way that they go, in (0, 1].
        **kwargs: As in the optimiser.
    """

    def __init__(self, *, lookahead: int | None = None, lookahead_share: float = 0.5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lookahead = lookahead
        self.lookahead_share = lookahead_share
        self._slow: list[Any] = []

    def build(self, var_list: Any) -> None:
        """Create the state."""
        if self.built:
            return
        super().build(var_list)
        if self.lookahead is not None:
            self._slow = self.add_optimizer_variables(var_list, "slow")

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Update the variables, and look ahead where it is time."""
        super().apply(grads, trainable_variables)
        if self.lookahead is None:
            return
        steps = self.iterations
        first = ops.equal(steps, 1)
        due = ops.equal(steps % self.lookahead, 0)
        for variable, slow in zip(self._trainable_variables, self._slow, strict=True):
            manifold = manifold_of(variable)
            fast, behind = ops.convert_to_tensor(variable), ops.convert_to_tensor(slow)

            def ahead(fast: Any = fast, behind: Any = behind, manifold: Any = manifold) -> tuple[Any, Any]:
                mean = behind + self.lookahead_share * (fast - behind)
                mean = mean if manifold is None else manifold.condense(mean)
                return mean, mean

            behind = ops.where(first, fast, behind)
            fast, behind = ops.cond(due, ahead, lambda fast=fast, behind=behind: (fast, behind))
            variable.assign(fast)
            slow.assign(behind)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "lookahead": self.lookahead,
            "lookahead_share": self.lookahead_share,
        }


def manifold_of(variable: Any) -> KernelManifold | None:
    """What holds a variable, whose retraction may be put off."""
    constraint = variable.constraint
    manifold = getattr(constraint, "manifold", constraint)
    return manifold if isinstance(manifold, KernelManifold) else None
