"""Groups of channels moved by one pixel."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.arguments import checked_padding, checked_share
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor
from lipbuild.shares import shift_group

# Of each group of channels the axis that it moves along, and whether it moves to greater indices.
_DIRECTIONS = ((1, True), (1, False), (2, True), (2, False))


@keras.saving.register_keras_serializable(package="lipbuild")
class SpatialShift(LipschitzLayer, keras.layers.Layer):
    """k times the image with four groups of its channels moved by one pixel: down, up, right and left.

    In place of a convolution between dense layers over the channels: it mixes space without a product, and costs what
    moving the values does. The groups are the first of the channels and have a quarter of the share each, rounded to
    the nearest whole number. The rest stays where it is.

    With the padding "circular" a group that leaves at one edge comes back at the other: a permutation, so the
    constant is k exactly and gradients keep their norm. With "zeros" the pixels that leave are lost: the constant is k
    as well, and gradients keep their norm but for the edges.

    Args:
        share: The share of the channels that move, above 0 and at most 1.
        padding: "circular" or "zeros".
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)` with a height and a width of at least 2.

    Output shape:
        The input's.

    Raises:
        ValueError: An argument is out of its range, or the image or its channels are too few.

    Reference:
        Hu, Hu & Fredrikson, LipNeXt: Scaling up Lipschitz-based certified robustness to billion-parameter models
        (ICLR 2026).
    """

    def __init__(
        self, share: float = 0.5, padding: str = "circular", k_coef_lip: float = 1.0, **kwargs: Any
    ) -> None:
        share = checked_share(share, "share")
        padding = checked_padding(padding, ("circular", "zeros"))
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.share = share
        self.padding = padding
        self.k_coef_lip = k_coef_lip
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape: Any) -> None:
        """Check that there are pixels and channels enough."""
        self._group(input_shape)

    def _group(self, input_shape: Any) -> int:
        """The number of channels of a group."""
        _, height, width, channels = input_shape
        if channels is None:
            raise ValueError(
                f"SpatialShift needs a known channel axis. Received: input_shape={tuple(input_shape)}"
            )
        if 1 in (height, width):
            raise ValueError(
                f"SpatialShift moves by one pixel. Received: an image of {height} x {width} pixels"
            )
        group = shift_group(self.share, channels)
        if not group:
            raise ValueError(
                f"share={self.share} of {channels} channels does not make four groups of one channel each"
            )
        return group

    def _shift(self, inputs: Any, plain: bool) -> Any:
        group = self._group(inputs.shape)
        channels = inputs.shape[-1]
        parts = []
        for i, (axis, forward) in enumerate(_DIRECTIONS):
            of = slice(i * group, (i + 1) * group)
            parts.append(self._moved(inputs, of, axis, forward, f"{self.name}_{i}" if plain else None))
        if channels > 4 * group:
            parts.append(inputs[:, :, :, 4 * group :])
        return ops.concatenate(parts, axis=3)

    def _moved(self, inputs: Any, of: slice, axis: int, forward: bool, name: str | None) -> Any:
        """Some channels moved along an axis; with a name by Keras's layers."""
        everything = slice(None)
        most = slice(None, -1) if forward else slice(1, None)
        edge = slice(-1, None) if forward else slice(None, 1)
        kept = inputs[:, most, :, of] if axis == 1 else inputs[:, everything, most, of]
        if self.padding == "circular":
            back = inputs[:, edge, :, of] if axis == 1 else inputs[:, everything, edge, of]
            return ops.concatenate([back, kept] if forward else [kept, back], axis=axis)
        ends = ((1, 0) if forward else (0, 1), (0, 0))
        ends = ends if axis == 1 else ends[::-1]
        if name is None:
            return ops.pad(kept, ((0, 0), *ends, (0, 0)))
        return keras.layers.ZeroPadding2D(ends, name=name, dtype=self.dtype_policy)(kept)

    def call(self, inputs: Any) -> Any:
        """Move and scale."""
        outputs = self._shift(inputs, plain=False)
        return outputs if self.k_coef_lip == 1.0 else outputs * self.k_coef_lip

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def plain_call(self, inputs: Any) -> Any:
        """Keras's slices, side by side."""
        outputs = self._shift(inputs, plain=True)
        if self.k_coef_lip == 1.0:
            return outputs
        scale = keras.layers.Rescaling(self.k_coef_lip, name=f"{self.name}_scale", dtype=self.dtype_policy)
        return scale(outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "share": self.share,
            "padding": self.padding,
            "k_coef_lip": self.k_coef_lip,
        }
