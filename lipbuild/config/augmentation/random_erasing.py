from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from lipbuild.config.augmentation.augment_spec import AugmentSpec
from lipbuild.network.specs.common import one_or_both

_Share = Annotated[float, Field(gt=0, le=1)]


def _in_order(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] > value[1]:
        raise ValueError(f"`scale` is a least and a greatest share, and {value[0]:g} is above {value[1]:g}")
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
