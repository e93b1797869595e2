"""What a config may say of how the training data is changed at random."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from lipbuild.config.choices import AugmentSpec
from lipbuild.network.specs.common import one_or_both


class RandomFlip(AugmentSpec):
    """An image mirrored with probability ½: left to right where no other mode is named, each direction by itself."""

    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = Field(
        "horizontal", description="Left and right exchanged, up and down, or both."
    )


_Pixels = Annotated[int, Field(ge=0, le=10_000)]
_PIXELS_SCHEMA = {"type": "integer", "minimum": 0}
_Padding = Annotated[
    tuple[_Pixels, _Pixels],
    BeforeValidator(one_or_both),
    WithJsonSchema(
        {"anyOf": [_PIXELS_SCHEMA, {"type": "array", "items": _PIXELS_SCHEMA, "minItems": 2, "maxItems": 2}]}
    ),
]


class RandomCrop(AugmentSpec):
    """An image padded on all sides, and a window of its own size cut out of it at a random place."""

    padding: _Padding = Field(
        description="How many pixels are padded on each side: one number, or two for height and width."
    )
    fill_value: float = Field(0.0, description="The value of the pixels that are padded.")


class RandomTranslation(AugmentSpec):
    """An image shifted by a random number of whole pixels up or down and left or right."""

    height_factor: float = Field(
        ge=0, le=1, description="The greatest shift up or down, as a share of the height."
    )
    width_factor: float = Field(
        ge=0, le=1, description="The greatest shift to the left or right, as a share of the width."
    )
    fill_value: float = Field(0.0, description="The value of the pixels that come in.")


_Share = Annotated[float, Field(gt=0, le=1)]


def _in_order(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] > value[1]:
        raise ValueError(f"`scale` is a least and a greatest share, and {value[0]:g} is above {value[1]:g}")
    return value


def _below(value: list[float]) -> list[float]:
    if value[0] >= value[1]:
        message = f"`value_range` is a least and a greatest value, and {value[0]:g} is not below {value[1]:g}"
        raise ValueError(message)
    return value


_SHARE_SCHEMA = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
_Scale = Annotated[
    tuple[_Share, _Share],
    BeforeValidator(one_or_both),
    AfterValidator(_in_order),
    WithJsonSchema(
        {"anyOf": [_SHARE_SCHEMA, {"type": "array", "items": _SHARE_SCHEMA, "minItems": 2, "maxItems": 2}]}
    ),
]


class RandomErasing(AugmentSpec):
    """A rectangle of the image overwritten (cutout), with the image's own proportions, at a random place.

    Its centre is drawn from the whole image, so that a part of it may lie outside.
    """

    factor: float = Field(1.0, gt=0, le=1, description="The probability with which it happens.")
    scale: _Scale = Field(
        (0.02, 0.33), description="The least and the greatest share of the area, or one share."
    )
    fill_value: float = Field(0.0, description="What is written.")


class RandAugment(AugmentSpec):
    """Operations drawn from Keras's eleven, each of a random strength: shear, turn, colour … (Cubuk et al. 2020)."""

    channels = 3

    value_range: Annotated[list[float], AfterValidator(_below)] = Field(
        [0.0, 1.0],
        min_length=2,
        max_length=2,
        description="The least and the greatest value of a pixel, in the units of the data.",
    )
    num_ops: int = Field(2, ge=1, le=10, description="How many operations are drawn for an image.")
    factor: float = Field(0.5, gt=0, le=1, description="The greatest strength of an operation.")
    share: float = Field(1.0, gt=0, le=1, description="The probability with which an image is changed.")


class GaussianNoise(AugmentSpec):
    """Independent normal noise added to every value."""

    images_only = False

    stddev: float = Field(gt=0, le=1e6, description="Its standard deviation, in the units of the data.")


class MixUp(AugmentSpec):
    """λ·x + (1 − λ)·x′ with another sample of the batch, the labels mixed alike; λ from Beta(α, α)."""

    images_only = False
    mixes = True

    alpha: float = Field(
        0.2,
        ge=0.05,
        le=100,
        description="α: near 0 one of the two samples prevails, at 1 every λ is as likely.",
    )
