"""Dense layer with an orthogonal kernel."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.spectral_kernel_layer import SpectralKernelLayer
from lipbuild.normalizers.defaults import (
    DEFAULT_BETA_BJORCK,
    DEFAULT_EPS_BJORCK,
    DEFAULT_EPS_SPECTRAL,
    DEFAULT_MAXITER_BJORCK,
    DEFAULT_MAXITER_SPECTRAL,
)
from lipbuild.normalizers.tangent import projected_matmul

_COSTLY = 2**21
"""Multiply-adds of a Gram matrix from which a retraction shows in the time of a training step."""

_LONG = 256
"""Rows from which a product over the batch is the shorter way to the gradient's projection."""


@keras.saving.register_keras_serializable(package="lipbuild")
class SpectralDense(SpectralKernelLayer):
    """`y = activation(k x W + b)` with `W` orthogonal: all its singular values at 1.

    In place of `keras.layers.Dense`. Its Lipschitz constant is k (`k_coef_lip`), reached exactly where the
    activation keeps norms: the gradient's norm is preserved wherever `units` is at least the input's size.

    The kernel stays on the manifold of orthogonal matrices: after each optimizer update, outside the
    gradient, it is retracted by cubic Newton-Schulz steps, the last of which bounds the norm by 1 whatever
    the update was. `condense` (or `CondenseCallback`) makes it exact. A retraction costs `2 · max(n, m) ·
    min(n, m)²` multiply-adds: after every update of a small kernel, and once in up to eight of a large one. Keeping the
    gradient along the manifold costs half to all of that per step where min(n, m) is at most 512.

    Args:
        units: size of the output, a positive integer.
        activation: an activation with a Lipschitz constant of at most 1, or None.
        use_bias: whether to add a bias, which is not constrained.
        kernel_initializer: initializer of the kernel, whose result is orthogonalised.
        bias_initializer: initializer of the bias.
        kernel_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: must be None; the kernel has its own constraint.
        bias_constraint: constraint on the bias.
        lora_rank: must be None, since a low-rank update would leave the constraint.
        k_coef_lip: the Lipschitz constant k.
        eps_spectral: relative excess of the norm bound where eps_bjorck is None.
        eps_bjorck: tolerance of `condense`; None leaves orthogonalisation out and only scales the norm down
            to 1.
        beta_bjorck: step of `condense`, in (0, 0.5]; None as with eps_bjorck.
        maxiter_spectral: most squarings of the Gram matrix in the norm bound where eps_bjorck is None.
        maxiter_bjorck: most steps of `condense`.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, ..., input_dim)`.

    Output shape:
        `(batch, ..., units)`.

    Raises:
        ValueError: an argument is out of its range; the message says which and what it was.

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
        if isinstance(units, bool) or not isinstance(units, int) or units < 1:
            raise ValueError(f"units must be a positive integer. Received: units={units!r}")
        if lora_rank is not None:
            raise ValueError(f"SpectralDense does not support LoRA. Received: lora_rank={lora_rank!r}")
        super().__init__(
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            k_coef_lip=k_coef_lip,
            eps_spectral=eps_spectral,
            eps_bjorck=eps_bjorck,
            beta_bjorck=beta_bjorck,
            maxiter_spectral=maxiter_spectral,
            maxiter_bjorck=maxiter_bjorck,
            **kwargs,
        )
        self.units = units
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Create the kernel, orthogonal, and the bias."""
        input_dim = input_shape[-1]
        if input_dim is None:
            raise ValueError(
                f"SpectralDense needs a known last axis. Received: input_shape={tuple(input_shape)}"
            )
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: input_dim})
        self._add_weights((input_dim, self.units), (self.units,))

    def _retraction_shows(self, kernel_shape: tuple[int, ...]) -> bool:
        rows, columns = kernel_shape
        return max(rows, columns) * min(rows, columns) ** 2 >= _COSTLY

    def _map(self, inputs: Any, kernel: Any) -> Any:
        rows, columns = kernel.shape
        if rows < max(columns, _LONG) or not self._manifold().projects(kernel):
            return super()._map(inputs, kernel)
        outputs = projected_matmul(inputs, ops.cast(kernel, self.compute_dtype))
        return outputs if self.scale == 1.0 else outputs * self.scale

    def _linear(self, inputs: Any, kernel: Any) -> Any:
        return ops.matmul(inputs, kernel)

    def _plain_layer(self) -> keras.layers.Layer:
        return keras.layers.Dense(
            self.units,
            activation=self._plain_activation(),
            use_bias=self.use_bias,
            name=self.name,
            dtype=self.dtype_policy,
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {**super().get_config(), "units": self.units, "lora_rank": None}
