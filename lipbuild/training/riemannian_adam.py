from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold
from lipbuild.training.lookahead import Lookahead, manifold_of


class RiemannianAdam(Lookahead, keras.optimizers.Adam):
    """Adam whose steps of orthogonal kernels lead along their manifold, with a lookahead that stays on it.

    Of a kernel that a manifold holds, the gradient and then Adam's step are projected onto the tangent space, and the
    kernel follows the step by an exponential, see `KernelManifold.follow`. The kernel's constraint comes after that as
    after any update, and takes back what rounding adds up to, and what a step that was too long for the exponential
    leaves. Other weights are updated as by Adam.

    With a lookahead the slow weights stay on the manifold too, see `Lookahead`.

    Args:
        **kwargs: As in `Lookahead` and in `keras.optimizers.Adam`.

    Reference:
        Bécigneul & Ganea, Riemannian adaptive optimization methods (ICLR 2019).
        Hu, Hu & Fredrikson, LipNeXt: Scaling up Lipschitz-based certified robustness to billion-parameter models (ICLR
        2026).
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update one variable."""
        manifold = manifold_of(self._trainable_variables[self._get_variable_index(variable)])
        if manifold is None:
            super().update_step(gradient, variable, learning_rate)
            return
        before = ops.copy(ops.convert_to_tensor(variable))
        # Layers project the gradients of narrow kernels themselves.
        if not manifold.projects(before):
            gradient = manifold.tangent(before, gradient)
        self.assign(variable, self.update_kernel(manifold, before, gradient, variable, learning_rate))

    def update_kernel(
        self, manifold: KernelManifold, kernel: Any, gradient: Any, variable: Any, learning_rate: Any
    ) -> Any:
        """The kernel after a step along its manifold.

        Args:
            manifold: What holds it.
            kernel: Its value before the step.
            gradient: Its gradient along the manifold.
            variable: Where it is kept.
            learning_rate: The learning rate.
        """
        super().update_step(gradient, variable, learning_rate)
        return manifold.follow(kernel, ops.convert_to_tensor(variable) - kernel)
