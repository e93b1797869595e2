from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold


class RiemannianAdam(keras.optimizers.Adam):
    """Adam whose steps of orthogonal kernels lead along their manifold, with a lookahead that stays on it.

    Of a kernel that a manifold holds, the gradient and then Adam's step are projected onto the tangent space, and the
    kernel follows the step by an exponential, see `KernelManifold.follow`. The kernel's constraint comes after that as
    after any update, and takes back what rounding adds up to, and what a step that was too long for the exponential
    leaves. Other weights are updated as by Adam.

    With a lookahead, slow weights are kept: every so many steps they go a share of the way to the weights, are brought
    onto the manifold, and the weights go on from there (Zhang et al., 2019).

    Args:
        lookahead: After how many steps the slow weights follow; None is without.
        lookahead_share: The share of the way that they go, in (0, 1].
        **kwargs: As in `keras.optimizers.Adam`.

    Reference:
        Bécigneul & Ganea, Riemannian adaptive optimization methods (ICLR 2019).
        Hu, Hu & Fredrikson, LipNeXt: Scaling up Lipschitz-based certified robustness to billion-parameter models (ICLR
        2026).
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

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update one variable."""
        manifold = _manifold_of(self._trainable_variables[self._get_variable_index(variable)])
        if manifold is None:
            super().update_step(gradient, variable, learning_rate)
            return
        before = ops.copy(ops.convert_to_tensor(variable))
        # Layers project the gradients of narrow kernels themselves.
        if not manifold.projects(before):
            gradient = manifold.tangent(before, gradient)
        super().update_step(gradient, variable, learning_rate)
        self.assign(variable, manifold.follow(before, ops.convert_to_tensor(variable) - before))

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Update the variables, and look ahead where it is time."""
        super().apply(grads, trainable_variables)
        if self.lookahead is None:
            return
        steps = self.iterations
        first = ops.equal(steps, 1)
        due = ops.equal(steps % self.lookahead, 0)
        for variable, slow in zip(self._trainable_variables, self._slow, strict=True):
            manifold = _manifold_of(variable)
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


def _manifold_of(variable: Any) -> KernelManifold | None:
    """What holds a variable, whose retraction may be put off."""
    constraint = variable.constraint
    manifold = getattr(constraint, "manifold", constraint)
    return manifold if isinstance(manifold, KernelManifold) else None
