from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from lipbuild.config.augmentation.augment_spec import AugmentSpec
from lipbuild.network.specs.common import one_or_both

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
