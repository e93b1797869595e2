"""Dense layer that is orthogonal by a block reflection."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.aol_dense import bounded
from lipbuild.layers.effective_dense import EffectiveDense
from lipbuild.normalizers.safety import DENSE_SAFETY

_RIDGE = 1e-6


def block_reflection(v: Any) -> Any:
    """Q with `I - 2 QᵀQ` the block reflection at the columns of v: orthonormal rows spanning them, up to the ridge.

    `Q = L⁻¹Vᵀ` with `LLᵀ = VᵀV + ε tr(VᵀV)/n I`, so that QᵀQ has its eigenvalues in [0, 1) whatever V is. In float64,
    since the ridge alone keeps the factorisation well-posed.

    Args:
        v: shape (size, n).

    Returns:
        Q, shape (n, size), in float64.
    """
    v = bounded(ops.cast(v, "float64"))
    # A factorisation of what is not a number raises an error of its own; NaN is to stay NaN instead.
    finite = ops.all(ops.isfinite(v))
    v = ops.where(finite, v, ops.ones_like(v))
    n = v.shape[-1]
    g = ops.matmul(ops.transpose(v), v)
    # Normalised, so that the ridge is relative; the smallest addend is for V = 0.
    size = ops.maximum(ops.trace(g) / n, 1e-30)
    factor = ops.cholesky(g / size + _RIDGE * ops.eye(n, dtype="float64"))
    q = ops.solve_triangular(factor, ops.transpose(v) / ops.sqrt(size), lower=True)
    return ops.where(finite, q, ops.full_like(q, float("nan")))


@keras.saving.register_keras_serializable(package="lipbuild")
class OrthoDense(EffectiveDense):
    """`y = activation(k x W + b)` with `W` a block of the orthogonal matrix `I - 2 V (VᵀV + ε I)⁻¹ Vᵀ` (BRO).

    In place of `keras.layers.Dense`: orthogonal at every step and not only after condensing, with no constraint on V.
    It is applied implicitly, by two products with a matrix of half the size. For different numbers of inputs and units
    the larger is the size of the reflection: inputs are padded with zeros, or outputs cut. The constant k is exact up
    to the ridge ε, which is relative to V's mean singular value, squared (1e-6).

    A call costs a Gram matrix of half the size, its factorisation and a triangular solution: some `n³ / 2`
    multiply-adds, n being the larger of both sizes. An exported layer is a Dense and costs nothing more.

    Args:
        units: size of the output, a positive integer.
        activation: an activation with a Lipschitz constant of at most 1, or None.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of V.
        bias_initializer: initializer of the bias.
        kernel_regularizer: regularizer of V.
        bias_regularizer: regularizer of the bias.
        k_coef_lip: the Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, ..., input_dim)`.

    Output shape:
        `(batch, ..., units)`.

    Raises:
        ValueError: an argument is out of its range; the message says which and what it was.

    Reference:
        Lai et al., Enhancing certified robustness via block reflector orthogonal layers and logit annealing loss
        (ICML 2025).
    """

    def __init__(self, units: int, kernel_initializer: Any = "glorot_normal", **kwargs: Any) -> None:
        super().__init__(units, kernel_initializer=kernel_initializer, **kwargs)

    def _add_kernel_weights(self, input_dim: int) -> None:
        size = max(input_dim, self.units)
        self.input_dim = input_dim
        self.vectors = self._add_kernel_weight("vectors", (size, max(1, size // 2)))

    def _reflection(self) -> Any:
        return block_reflection(ops.convert_to_tensor(self.vectors))

    def effective_kernel(self) -> Any:
        """The block of the reflection, explicitly, in float64."""
        q = self._reflection()
        identity = ops.eye(self.input_dim, self.units, dtype=q.dtype)
        return DENSE_SAFETY * (
            identity - 2.0 * ops.matmul(ops.transpose(q[:, : self.input_dim]), q[:, : self.units])
        )

    def call(self, inputs: Any) -> Any:
        """Apply the reflection implicitly, the bias and the activation."""
        q = ops.cast(self._reflection(), self.compute_dtype)
        reflected = ops.matmul(ops.matmul(inputs, ops.transpose(q[:, : self.input_dim])), q[:, : self.units])
        extra = self.units - self.input_dim
        if extra > 0:
            inputs = ops.pad(inputs, [(0, 0)] * (len(inputs.shape) - 1) + [(0, extra)])
        outputs = self.k_coef_lip * DENSE_SAFETY * (inputs[..., : self.units] - 2.0 * reflected)
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)
