"""Moving pixels into channels and back, without loss."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.arguments import checked_data_format, positive_tuple
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor


class InvertibleSampling(LipschitzLayer, keras.layers.Layer):
    """A permutation between pixels of windows and channels: (i, j) of c is at c · ph · pw + i · pw + j."""

    def __init__(
        self,
        pool_size: int | tuple[int, int],
        data_format: str | None = "channels_last",
        name: str | None = None,
        dtype: Any = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        size = positive_tuple(pool_size, 2, "pool_size")
        data_format = checked_data_format(data_format)
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(name=name, dtype=dtype, **kwargs)
        self.pool_size = size
        self.data_format = data_format
        self.k_coef_lip = k_coef_lip
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def _permute(self, inputs: Any, shape: Any) -> Any:
        """The permutation, for channels last."""
        raise NotImplementedError

    def _output_shape(self, shape: tuple[Any, Any, Any, Any]) -> tuple[Any, Any, Any, Any]:
        """The output's shape, for channels last."""
        raise NotImplementedError

    def _apply(self, inputs: Any) -> Any:
        first = self.data_format == "channels_first"
        if first:
            inputs = ops.transpose(inputs, (0, 2, 3, 1))
        self._output_shape(tuple(inputs.shape))
        sizes = inputs.shape[1:]
        if None in sizes:
            dynamic = ops.shape(inputs)
            sizes = [dynamic[i + 1] if size is None else size for i, size in enumerate(sizes)]
        outputs = self._permute(inputs, sizes)
        return ops.transpose(outputs, (0, 3, 1, 2)) if first else outputs

    def call(self, inputs: Any) -> Any:
        """Permute and scale."""
        outputs = self._apply(inputs)
        return outputs if self.k_coef_lip == 1.0 else outputs * self.k_coef_lip

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The output's shape."""
        batch, *rest = input_shape
        if self.data_format == "channels_first":
            c, h, w = rest
            batch, h, w, c = self._output_shape((batch, h, w, c))
            return (batch, c, h, w)
        return self._output_shape((batch, *rest))

    def plain_call(self, inputs: Any) -> Any:
        """Keras's reshapes and transpositions."""
        outputs = self._apply(inputs)
        if self.k_coef_lip == 1.0:
            return outputs
        scale = keras.layers.Rescaling(self.k_coef_lip, name=f"{self.name}_scale", dtype=self.dtype_policy)
        return scale(outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "data_format": self.data_format,
            "k_coef_lip": self.k_coef_lip,
        }
