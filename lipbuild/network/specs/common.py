"""Fields that several layers share."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from lipbuild.fields.one_of import OneOf
from lipbuild.network.activations import CONSTANTS

Size = Annotated[int, Field(ge=1, le=100_000)]


def one_or_both(value: object, what: str = "it is one number, or two") -> object:
    """A value given once stands for both; YAML's list becomes a tuple.

    Raises:
        ValueError: There are more or fewer than two.
    """
    if not isinstance(value, list):
        return (value, value)
    if len(value) != 2:
        raise ValueError(f"{what}, and this has {len(value)}")
    return tuple(value)


def _one_or_two(value: object) -> object:
    return one_or_both(value, "a size is one number, or two for height and width")


SizePair = Annotated[
    tuple[Size, Size],
    BeforeValidator(_one_or_two),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1},
                {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2, "maxItems": 2},
            ]
        }
    ),
]
Units = Annotated[int, Field(ge=1, le=1_000_000)]
Coefficient = Annotated[float, Field(gt=0, le=1e6)]
Padding = Literal["same", "valid"]

_Edge = Annotated[int, Field(ge=0, le=100_000)]


def _one_or_both_ends(value: object) -> object:
    return one_or_both(value, "it is one number, or two for the two ends")


def _edges_of_an_image(value: object) -> object:
    """One number for all four edges, two for height and width, or two pairs."""
    if not isinstance(value, list):
        return ((value, value), (value, value))
    if len(value) != 2:
        raise ValueError(f"it is one number, or two for height and width, and this has {len(value)}")
    return tuple(_one_or_both_ends(part) for part in value)


_EDGE_SCHEMA = {"type": "integer", "minimum": 0}
_ENDS_SCHEMA = {
    "anyOf": [_EDGE_SCHEMA, {"type": "array", "items": _EDGE_SCHEMA, "minItems": 2, "maxItems": 2}]
}
Ends = Annotated[tuple[_Edge, _Edge], BeforeValidator(_one_or_both_ends), WithJsonSchema(_ENDS_SCHEMA)]
Edges = Annotated[
    tuple[tuple[_Edge, _Edge], tuple[_Edge, _Edge]],
    BeforeValidator(_edges_of_an_image),
    WithJsonSchema(
        {"anyOf": [_EDGE_SCHEMA, {"type": "array", "items": _ENDS_SCHEMA, "minItems": 2, "maxItems": 2}]}
    ),
]


ActivationName = Annotated[str, OneOf("activation", CONSTANTS)]
# Layers that deel-lip takes as activations: they are not functions of one value, and follow as layers of their own.
SORTING = ("GroupSort2", "GroupSort", "FullSort", "MaxMin", "Householder")
OwnActivation = Annotated[str, OneOf("activation", CONSTANTS, SORTING)]

KernelInitializer = Literal[
    "orthogonal",
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
]
# Also for kernels that are made of matrices.
MatrixInitializer = Literal[KernelInitializer, "identity"]
BiasInitializer = Literal["zeros", "ones", "random_normal", "random_uniform"]


def composed_weights(
    inputs: int, outputs: int, kernel_size: tuple[int, int], strides: tuple[int, int]
) -> int:
    """The number of weights that an orthogonal kernel (kh, kw, inputs, outputs) is put together from."""
    (height, width), (rows, columns) = kernel_size, strides
    taps = height - rows + width - columns
    mixed = outputs if rows * columns == 1 and outputs > inputs else inputs
    return rows * columns * inputs * outputs + taps * mixed * max(1, mixed // 2)
