"""Sorting all channels."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.group_sort import GroupSort


@keras.saving.register_keras_serializable(package="lipbuild")
class FullSort(GroupSort):
    """k times the channels, all sorted in ascending order: `GroupSort` with one group.

    The constant is k exactly, and gradients keep their norm.

    It costs a sort of all channels.

    Args:
        data_format: Where the channels are: "channels_last" (default) or "channels_first".
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype` and what else `keras.layers.Layer` takes.

    Input shape:
        Any with at least two axes; the channel axis has to be known.

    Output shape:
        Same as the input.

    Reference:
        Anil, Lucas & Grosse, Sorting out Lipschitz function approximation (ICML 2019).
    """

    def __init__(
        self, data_format: str | None = "channels_last", k_coef_lip: float = 1.0, **kwargs: Any
    ) -> None:
        n = kwargs.pop("n", None)
        if n is not None:
            raise ValueError(f"FullSort sorts all channels; use GroupSort for groups. Received: n={n!r}")
        super().__init__(n=None, data_format=data_format, k_coef_lip=k_coef_lip, **kwargs)
