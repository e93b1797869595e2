"""The axes of a random convolution, as the verifier names them."""

from collections.abc import Mapping
from typing import Any

from lipbuild.verifier.geometry import Axis, axis_of


def axes_of(sample: Mapping[str, Any]) -> list[Axis]:
    """One axis for each spatial dimension of the arguments of `convolution`."""
    sizes = sample["kernel"].shape[:-2]
    return [
        axis_of("a", *numbers)
        for numbers in zip(
            sizes,
            sample["strides"],
            sample["dilation_rate"],
            [sample["padding"]] * len(sizes),
            sample["input_shape"],
            strict=True,
        )
    ]
