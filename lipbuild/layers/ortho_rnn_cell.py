"""One step of a recurrent network with an orthogonal recurrent matrix."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.constraints.spectral_ball import SpectralBall
from lipbuild.layers.group_sort2 import GroupSort2
from lipbuild.layers.kernels.kernel_layer import kernel_weight
from lipbuild.layers.lipschitz_layer import Condensable, check_klip_factor
from lipbuild.normalizers.tangent import with_projected_gradient

_CONDENSING_STEPS = 40


@keras.saving.register_keras_serializable(package="lipbuild")
class OrthoRNNCell(Condensable, keras.layers.Layer):
    """`h' = GroupSort2(U h + k W x + b)` with U and W orthogonal: the cell of `OrthoRNN`, for `keras.layers.RNN`.

    In place of `keras.layers.SimpleRNNCell`, `LSTMCell` and `GRUCell`. A step is 1-Lipschitz in the state and
    k-Lipschitz in its input: states of two sequences differ by `‖Δh_t‖ <= ‖Δh_{t-1}‖ + k ‖Δx_t‖`. So after T steps
    from a fixed state the last state has the constant `k √T` in the whole sequence, and the sequence of states
    `k / (2 sin(π / (4 T + 2)))`, about `2 k T / π`. Both are exact: they are reached where sorting changes nothing.
    `OrthoRNN` divides by them, and is a k-Lipschitz layer. As U and sorting keep norms, gradients neither vanish nor
    explode over time.

    U and W stay on their manifolds as in `SpectralDense`, at the same cost. Masks that depend on the inputs' values
    make every recurrent layer discontinuous; none of this holds with them.

    Args:
        units: Size of the state, a positive even integer.
        use_bias: Whether to add a bias, which is not constrained.
        kernel_initializer: Initializer of W, whose result is orthogonalised.
        recurrent_initializer: Initializer of U, whose result is orthogonalised.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Regularizer of W.
        recurrent_regularizer: Regularizer of U.
        bias_regularizer: Regularizer of the bias.
        k_coef_lip: The Lipschitz constant k in the input of a step.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Call arguments:
        inputs: The input of a step, shape (batch, features).
        states: A list of the state before it, shape (batch, units).

    Returns:
        The state after it, shape (batch, units), and a list of the same.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Anil, Lucas & Grosse, Sorting out Lipschitz function approximation (ICML 2019), for orthogonal matrices with
        sorting; Arjovsky, Shah & Bengio, Unitary evolution recurrent neural networks (ICML 2016).
    """

    def __init__(
        self,
        units: int,
        use_bias: bool = True,
        kernel_initializer: Any = "orthogonal",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        if isinstance(units, bool) or not isinstance(units, int) or units < 2 or units % 2:
            raise ValueError(
                f"units must be a positive even integer, since pairs are sorted. Received: units={units!r}"
            )
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.units = units
        self.use_bias = bool(use_bias)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = keras.regularizers.get(recurrent_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.k_coef_lip = k_coef_lip
        self.sort = GroupSort2(name="sort", dtype=self.dtype_policy)
        self.bias: Any = None

    @property
    def state_size(self) -> int:
        """The size of the state, under the name that `keras.layers.RNN` looks for."""
        return self.units

    @property
    def output_size(self) -> int:
        """The size of a step's output: the state's."""
        return self.units

    def build(self, input_shape: Any) -> None:
        """Create both kernels, orthogonal, and the bias."""
        features = input_shape[-1]
        if features is None:
            raise ValueError(
                f"OrthoRNNCell needs a known last axis. Received: input_shape={tuple(input_shape)}"
            )
        manifold = SpectralBall(maxiter_bjorck=_CONDENSING_STEPS)
        self.kernel = kernel_weight(
            self,
            "kernel",
            (features, self.units),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            manifold=manifold,
        )
        self.recurrent_kernel = kernel_weight(
            self,
            "recurrent_kernel",
            (self.units, self.units),
            self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            manifold=manifold,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
            )
        self.sort.build((None, self.units))

    def applied(self, variable: Any) -> Any:
        """One of the kernels as it is applied, with its gradient along the manifold."""
        # convert_to_tensor would leave the variable a variable, which a custom gradient does not take.
        value = ops.cast(variable, self.compute_dtype)
        manifold = variable.constraint
        return with_projected_gradient(value, manifold.tangent) if manifold.projects(value) else value

    def project(self, inputs: Any, k: float) -> Any:
        """`k W x + b` for inputs of any number of steps."""
        projected = ops.matmul(inputs, self.applied(self.kernel) * k)
        return projected if self.bias is None else ops.add(projected, self.bias)

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:
        """One step."""
        recurrent = ops.matmul(states[0], self.applied(self.recurrent_kernel))
        state = self.sort(self.project(inputs, self.k_coef_lip) + recurrent)
        return state, [state]

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Zeros."""
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype)]

    def condense(self) -> None:
        """Bring both kernels fully onto their manifolds."""
        for variable in (self.kernel, self.recurrent_kernel):
            variable.assign(variable.constraint.condense(ops.copy(variable)))

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            **super().get_config(),
            "units": self.units,
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "recurrent_initializer": keras.initializers.serialize(self.recurrent_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "recurrent_regularizer": keras.regularizers.serialize(self.recurrent_regularizer),
            "bias_regularizer": keras.regularizers.serialize(self.bias_regularizer),
            "k_coef_lip": self.k_coef_lip,
        }
