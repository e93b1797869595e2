"""Dense layer with an orthogonal kernel."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.constraints.deferred_retraction import shows
from lipbuild.layers.arguments import arguments_of
from lipbuild.layers.kernels.geometry import Dense
from lipbuild.layers.kernels.spectral import Spectral
from lipbuild.normalizers.defaults import (
    DEFAULT_BETA_BJORCK,
    DEFAULT_EPS_BJORCK,
    DEFAULT_EPS_SPECTRAL,
    DEFAULT_MAXITER_BJORCK,
    DEFAULT_MAXITER_SPECTRAL,
)
from lipbuild.normalizers.tangent import projected_matmul

_LONG = 256
"""Rows from which a product over the batch is the shorter way to the gradient's projection."""


@keras.saving.register_keras_serializable(package="lipbuild")
class SpectralDense(Dense, Spectral):
    """`y = activation(k x W + b)` with `W` orthogonal: all its singular values at 1.

    In place of `keras.layers.Dense`. Its Lipschitz constant is k (`k_coef_lip`), reached exactly where the
    activation keeps norms: the gradient's norm is preserved wherever `units` is at least the input's size.

    The kernel stays on the manifold of orthogonal matrices: after each optimizer update, outside the
    gradient, it is retracted by cubic Newton-Schulz steps, the last of which bounds the norm by 1 whatever
    the update was. `condense` (or `CondenseCallback`) makes it exact. A retraction costs `2 · max(n, m) ·
    min(n, m)²` multiply-adds: after every update of a small kernel, and once in up to eight of a large one. Keeping the
    gradient along the manifold costs half to all of that per step where min(n, m) is at most 512.

    Args:
        units: Size of the output, a positive integer.
        activation: An activation with a Lipschitz constant of at most 1, or None.
        use_bias: Whether to add a bias, which is not constrained.
        kernel_initializer: Initializer of the kernel, whose result is orthogonalised.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Regularizer of the kernel.
        bias_regularizer: Regularizer of the bias.
        activity_regularizer: Regularizer of the output.
        kernel_constraint: Must be None; the kernel has its own constraint.
        bias_constraint: Constraint on the bias.
        lora_rank: Must be None, since a low-rank update would leave the constraint.
        k_coef_lip: The Lipschitz constant k.
        eps_spectral: Relative excess of the norm bound where eps_bjorck is None.
        eps_bjorck: Tolerance of `condense`; None leaves orthogonalisation out and only scales the norm down
            to 1.
        beta_bjorck: Step of `condense`, in (0, 0.5]; None as with eps_bjorck.
        maxiter_spectral: Most squarings of the Gram matrix in the norm bound where eps_bjorck is None.
        maxiter_bjorck: Most steps of `condense`.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, ..., input_dim)`.

    Output shape:
        `(batch, ..., units)`.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Anil, Lucas & Grosse, Sorting out Lipschitz function approximation (ICML 2019);
        Björck & Bowie, An iterative algorithm for computing the best estimate of an orthogonal matrix (1971).
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        k_coef_lip: float = 1.0,
        eps_spectral: float = DEFAULT_EPS_SPECTRAL,
        eps_bjorck: float | None = DEFAULT_EPS_BJORCK,
        beta_bjorck: float | None = DEFAULT_BETA_BJORCK,
        maxiter_spectral: int = DEFAULT_MAXITER_SPECTRAL,
        maxiter_bjorck: int = DEFAULT_MAXITER_BJORCK,
        **kwargs: Any,
    ) -> None:
        super().__init__(**arguments_of(locals()))

    def _retraction_shows(self, kernel_shape: tuple[int, ...]) -> bool:
        return shows(*kernel_shape)

    def _map(self, inputs: Any, kernel: Any) -> Any:
        rows, columns = kernel.shape
        if rows < max(columns, _LONG) or not self._manifold().projects(kernel):
            return super()._map(inputs, kernel)
        outputs = projected_matmul(inputs, ops.cast(kernel, self.compute_dtype))
        return outputs if self.scale == 1.0 else outputs * self.scale
