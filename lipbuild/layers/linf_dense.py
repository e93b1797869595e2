"""Dense layer whose outputs move by no more than its inputs, each by itself."""

from __future__ import annotations

import math
from typing import Any

import keras

from lipbuild.constraints.linf_ball import LInfBall
from lipbuild.layers.arguments import arguments_of
from lipbuild.layers.kernels.constrained_kernel import ConstrainedKernel
from lipbuild.layers.kernels.geometry import Dense
from lipbuild.regularizers.column_maximum import ColumnMaximum


@keras.saving.register_keras_serializable(package="lipbuild")
class LInfDense(Dense, ConstrainedKernel):
    """`y = activation(k x W + b)` with `W` of norm at most 1 to the greatest norm of the outputs.

    In place of `keras.layers.Dense` in networks of which each column of a table is stated by itself. With
    `input_norm="l1"` in the first layer and `"linf"` in all others, and activations that do not expand, no output
    moves by more than the product of the k where one input moves by 1. The kernel is only held down, never up: a
    column that does not matter is free to have small weights, and what is proved of it is as small. Its Lipschitz
    constant (L2) is at most k·√units, and √inputs times that with `"l1"`. A training step costs a sum of magnitudes.

    Args:
        units: Size of the output, a positive integer.
        input_norm: `"linf"` (default): Σ_i |W_ij| ≤ 1 for each output j, the norm from the greatest norm; `"l1"`:
            |W_ij| ≤ 1 for each weight, the norm from the sum of magnitudes.
        column_penalty: What is added to the loss for each input, times the largest of its weights, k included.
        activation: An activation with a Lipschitz constant of at most 1, or None.
        use_bias: Whether to add a bias, which is not constrained.
        kernel_initializer: Initializer of the kernel, whose result is brought within the norm.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Regularizer of the kernel, in place of `column_penalty`.
        bias_regularizer: Regularizer of the bias.
        activity_regularizer: Regularizer of the output.
        kernel_constraint: Must be None; the kernel has its own constraint.
        bias_constraint: Constraint on the bias.
        lora_rank: Must be None, since a low-rank update would leave the constraint.
        k_coef_lip: The factor k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, ..., input_dim)`.

    Output shape:
        `(batch, ..., units)`.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Anil, Lucas & Grosse, Sorting out Lipschitz function approximation (ICML 2019); Kitouni, Nolte & Williams,
        Expressive monotonic neural networks (ICLR 2023).
    """

    def __init__(
        self,
        units: int,
        input_norm: str = "linf",
        column_penalty: float = 0.0,
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
        **kwargs: Any,
    ) -> None:
        if input_norm not in ("linf", "l1"):
            raise ValueError(f"input_norm must be 'linf' or 'l1'. Received: input_norm={input_norm!r}")
        penalty = ColumnMaximum(column_penalty)
        if penalty.rate and kernel_regularizer is not None:
            raise ValueError(
                "column_penalty is a regularizer of the kernel, which has one. "
                f"Received: column_penalty={column_penalty!r}, kernel_regularizer={kernel_regularizer!r}"
            )
        super().__init__(**arguments_of(locals(), "input_norm", "column_penalty", "penalty"))
        self.input_norm = input_norm
        self.column_penalty = penalty.rate

    def _add_kernel(self, shape: tuple[int, ...]) -> None:
        given = self.kernel_regularizer
        if self.column_penalty:
            self.kernel_regularizer = ColumnMaximum(self.column_penalty * self.k_coef_lip)
        super()._add_kernel(shape)
        self.kernel_regularizer = given

    def _manifold(self) -> LInfBall:
        return LInfBall("l1" if self.input_norm == "l1" else "linf")

    def lipschitz_bound(self, input_shape: Any = None) -> float:
        """The constant in L2: `k √units`, and √inputs times that with `input_norm="l1"`."""
        bound = super().lipschitz_bound(input_shape) * math.sqrt(self.units)
        if self.input_norm == "linf":
            return bound
        shape = input_shape if input_shape is not None else self._build_input_shape()
        return bound * math.sqrt(shape[-1])

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        more = {"input_norm": self.input_norm, "column_penalty": self.column_penalty}
        return {**super().get_config(), **more}
